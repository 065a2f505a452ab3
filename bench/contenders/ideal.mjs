import { axiosInstance } from './axios-bare.mjs';
import { headersByHand } from './fetch-bare.mjs';
import { kyInstance } from './ky-bare.mjs';
import { requestToken } from './token-request.mjs';

/**
 * The least that a storm can cost with a client: one token request, and after a 401 one more for all. Written by hand for this one
 * case: a failed token request, an expired token, a stream or a 401 of another kind is beyond it.
 */
export const ideals = [
  ideal('axios', () => {
    const api = axiosInstance(false);
    return (url, headers) => api.get(url, { headers, validateStatus: () => true });
  }),
  ideal('fetch', () => async (url, headers) => {
    const response = await fetch(url, { headers });
    await response.text();
    return response;
  }),
  ideal('ky', () => {
    const api = kyInstance(false);
    return async (url, headers) => {
      const response = await api.get(url, { headers, throwHttpErrors: false, retry: 0 });
      await response.text();
      return response;
    };
  }),
];

function ideal(client, sender) {
  return {
    name: `${client}, ideal by hand`,
    client,
    part: 'ideal',
    token: 'own',
    async open({ address }) {
      const send = sender();
      const tokens = oneTokenForAll(address);
      return {
        get: async (url) => {
          const token = await tokens.current();
          const { status } = await send(url, headersByHand(token));
          if (status !== 401) return status;
          return (await send(url, headersByHand(await tokens.insteadOf(token)))).status;
        },
      };
    },
  };
}

function oneTokenForAll(address) {
  let held;
  let requested;
  const request = async () => {
    ({ token: held } = await requestToken(address));
    requested = undefined;
    return held;
  };
  const current = () => {
    if (held === undefined) requested ??= request();
    return held ?? requested;
  };
  return {
    current,
    insteadOf: (refused) => {
      if (held === refused) held = undefined;
      return current();
    },
  };
}
