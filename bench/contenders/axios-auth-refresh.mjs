import { createAuthRefresh } from 'axios-auth-refresh';
import { axiosCalls, axiosInstance } from './axios-bare.mjs';
import { requestToken } from './token-request.mjs';

/**
 * README of axios-auth-refresh 5.0.2, "Usage" and "Request interceptor": the interceptor sends the current token, and
 * the first 401 fetches the first one.
 */
export const authRefreshDefaults = {
  name: 'axios-auth-refresh, defaults',
  client: 'axios',
  part: 'peer',
  token: 'own',
  note: 'Ignores the lifetime: a token is used until it gets a 401. Requests that get a 401 while a refresh is running are rejected.',
  async open({ address, stub, token }) {
    const api = axiosInstance(stub);
    let held = token;
    createAuthRefresh(api, async (failedRequest) => {
      ({ token: held } = await requestToken(address));
      failedRequest.response.config.headers.Authorization = `Bearer ${held}`;
    });
    api.interceptors.request.use((request) => {
      request.headers.Authorization = `Bearer ${held}`;
      return request;
    });
    return axiosCalls(api);
  },
};

/**
 * The same at its best: `deduplicateRefresh: false`, so that nothing is rejected ("Deduplicate refresh calls"), and an
 * application that makes one token request at a time, including the first.
 */
export const authRefreshBest = {
  name: 'axios-auth-refresh, best settings',
  client: 'axios',
  part: 'peer',
  token: 'own',
  note: 'deduplicateRefresh: false, with one token request at a time, by the application. Ignores the lifetime.',
  async open({ address, stub, token }) {
    const api = axiosInstance(stub);
    let held = token;
    let underWay;
    const refresh = () => {
      underWay ??= requestToken(address)
        .then((fresh) => {
          held = fresh.token;
        })
        .finally(() => {
          underWay = undefined;
        });
      return underWay;
    };
    createAuthRefresh(
      api,
      async (failedRequest) => {
        await refresh();
        failedRequest.response.config.headers.Authorization = `Bearer ${held}`;
      },
      { deduplicateRefresh: false },
    );
    api.interceptors.request.use(async (request) => {
      if (held === undefined) await refresh();
      request.headers.Authorization = `Bearer ${held}`;
      return request;
    });
    return axiosCalls(api);
  },
};
