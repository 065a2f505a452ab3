import { kyCalls, kyInstance } from './ky-bare.mjs';
import { requestToken } from './token-request.mjs';

/**
 * readme of ky 2.1.0, "How do I add authentication headers to every request?" and "How do I implement token refresh on 401
 * responses?". They leave the first token open; here it is one shared promise.
 */
export const kyRecipe = {
  name: "ky's README recipe",
  client: 'ky',
  part: 'peer',
  token: 'own',
  note: 'Ignores the lifetime. Renews for GET, HEAD, PUT, DELETE, OPTIONS and TRACE only, like all retries in ky.',
  async open({ address, stub }) {
    let held;
    const refreshToken = async () => {
      const { token } = await requestToken(address);
      held = token;
      return token;
    };
    let first;
    const api = kyInstance(stub).extend({
      retry: { statusCodes: [401] },
      hooks: {
        beforeRequest: [
          async ({ request }) => {
            if (held === undefined) {
              first ??= refreshToken().finally(() => {
                first = undefined;
              });
              await first;
            }
            request.headers.set('Authorization', `Bearer ${held}`);
          },
        ],
        beforeRetry: [
          async ({ request }) => {
            const token = await refreshToken();
            request.headers.set('Authorization', `Bearer ${token}`);
          },
        ],
      },
    });
    return kyCalls(api);
  },
};
