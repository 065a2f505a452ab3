import { randomUUID } from 'node:crypto';
import ky from 'ky';
import { drain, fetchFor, headersByHand } from './fetch-bare.mjs';

/** ky as every contender based on ky receives it. */
export function kyInstance(stub) {
  const fetch = fetchFor(stub);
  return ky.create(fetch ? { fetch } : {});
}

/** The calls made on a ky instance, the same for every contender based on ky. */
export function kyCalls(api, headers = () => undefined) {
  return {
    get: async (url) => {
      const response = await api.get(url, { headers: headers() });
      await response.text();
      return response.status;
    },
    // With retries enabled, ky would keep a copy of the stream for the next attempt.
    upload: async (url, stream) => {
      const response = await api.post(url, { body: stream, duplex: 'half', retry: 0, timeout: false });
      await response.text();
      return response.status;
    },
    download: async (url) => drain(await api.get(url, { timeout: false })),
  };
}

export const kyBare = {
  name: 'ky, bare',
  client: 'ky',
  part: 'bare',
  token: 'none',
  open: async ({ stub }) => kyCalls(kyInstance(stub)),
};

export const kyByHand = {
  name: 'ky, both headers written into the call',
  client: 'ky',
  part: 'by hand',
  token: 'given',
  open: async ({ stub, token }) => kyCalls(kyInstance(stub), () => headersByHand(token)),
};

export const kyStaticWithId = {
  name: 'ky, static header and X-Request-ID',
  client: 'ky',
  part: 'static+id',
  token: 'given',
  async open({ stub, token }) {
    const api = kyInstance(stub).extend({
      hooks: {
        beforeRequest: [
          ({ request }) => {
            request.headers.set('Authorization', `Bearer ${token}`);
            request.headers.set('X-Request-ID', randomUUID());
          },
        ],
      },
    });
    return kyCalls(api);
  },
};
