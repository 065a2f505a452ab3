import { randomUUID } from 'node:crypto';
import { finished } from 'node:stream/promises';
import axios from 'axios';
import { stubAdapter } from '../stub.mjs';

/** axios as every contender based on axios receives it. */
export function axiosInstance(stub) {
  return axios.create(stub ? { adapter: stubAdapter } : {});
}

/** The calls made on an axios instance, the same for every contender based on axios. */
export function axiosCalls(api) {
  return {
    get: async (url) => (await api.get(url)).status,
    // The http adapter buffers the whole upload in case of a redirect, unless redirects are disabled.
    upload: async (url, stream) => {
      const options = { maxRedirects: 0, maxBodyLength: Number.POSITIVE_INFINITY };
      const headers = { 'content-type': 'application/octet-stream' };
      return (await api.post(url, stream, { ...options, headers })).status;
    },
    download: async (url) => {
      const { status, data } = await api.get(url, { responseType: 'stream' });
      data.resume();
      await finished(data);
      return status;
    },
  };
}

export const axiosBare = {
  name: 'axios, bare',
  client: 'axios',
  part: 'bare',
  token: 'none',
  open: async ({ stub }) => axiosCalls(axiosInstance(stub)),
};

/** The floor: the least work an interceptor that sends a token can do. */
export const axiosStatic = {
  name: 'axios, static header',
  client: 'axios',
  part: 'static',
  token: 'given',
  async open({ stub, token }) {
    const api = axiosInstance(stub);
    api.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${token}`);
      return config;
    });
    return axiosCalls(api);
  },
};

/** The floor for an API that requires a fresh X-Request-ID on every request, as this one does. */
export const axiosStaticWithId = {
  name: 'axios, static header and X-Request-ID',
  client: 'axios',
  part: 'static+id',
  token: 'given',
  async open({ stub, token }) {
    const api = axiosInstance(stub);
    api.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${token}`);
      config.headers.set('X-Request-ID', randomUUID());
      return config;
    });
    return axiosCalls(api);
  },
};
