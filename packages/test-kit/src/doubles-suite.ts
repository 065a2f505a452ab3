import type { ClientSecretConfig } from '@open-banking-auth/core';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import nock from 'nock';
import { MockAgent } from 'undici';
import { replaceDispatcher } from './global-dispatcher.js';

export const config: ClientSecretConfig = {
  environment: 'sandbox',
  clientId: 'invented-id',
  clientSecret: 'invented-secret',
  scope: 'accountinformation private',
};
const TOKEN_HOST = 'https://oauth.sandbox.openbankingplatform.com';
const API = 'https://api.sandbox.openbankingplatform.com';
const PATH = '/psd2/aspspinformation/v1/aspsps';
export const BANKS = API + PATH;
const grant = (access_token: string) => ({ access_token, token_type: 'Bearer', expires_in: 3600 });
const expired = { tppMessages: [{ category: 'ERROR', code: 'TOKEN_EXPIRED' }] };

/** Libraries that stand in for the network in users' tests, as a token host and an API that accepts only the second token. */
export function describeDoubles(
  name: string,
  /** Asks for `BANKS` through a client, and resolves with the JSON of the response. Doubles are set up by `setUp`, before or after the client. */
  through: (setUp: () => void) => Promise<unknown>,
  { mockAgent = true }: { readonly mockAgent?: boolean } = {},
): void {
  describe(name, () => {
    // Importing it is enough for nock to take over http for the whole process.
    beforeEach(() => nock.restore());
    afterAll(() => nock.restore());

    test('nock 14 stands in for token host and API, 401 included', async () => {
      nock.activate();
      nock.disableNetConnect();
      try {
        const body = await through(() => {
          nock(TOKEN_HOST).post('/connect/token').reply(200, grant('first'));
          nock(TOKEN_HOST).post('/connect/token').reply(200, grant('second'));
          nock(API).get(PATH).matchHeader('authorization', 'Bearer first').reply(401, expired);
          nock(API).get(PATH).matchHeader('authorization', 'Bearer second').reply(200, { aspsps: [] });
        });
        expect(body).toEqual({ aspsps: [] });
        expect(nock.isDone()).toBe(true);
      } finally {
        nock.cleanAll();
        nock.enableNetConnect();
        nock.restore();
      }
    });

    test('so does msw', async () => {
      let issued = 0;
      const seen: (string | null)[] = [];
      const server = setupServer(
        http.post(`${TOKEN_HOST}/connect/token`, () => HttpResponse.json(grant(`msw-${++issued}`))),
        http.get(API + PATH, ({ request }) => {
          seen.push(request.headers.get('authorization'));
          return seen.length === 1 ? HttpResponse.json(expired, { status: 401 }) : HttpResponse.json({ aspsps: [] });
        }),
      );
      try {
        expect(await through(() => server.listen({ onUnhandledRequest: 'error' }))).toEqual({ aspsps: [] });
        expect(seen).toEqual(['Bearer msw-1', 'Bearer msw-2']);
      } finally {
        server.close();
      }
    });

    if (!mockAgent) return;

    test("so does undici's MockAgent, as the global dispatcher", async () => {
      let restore = () => {};
      const agent = new MockAgent();
      agent.disableNetConnect();
      try {
        const body = await through(() => {
          play(agent);
          restore = replaceDispatcher(agent);
        });
        expect(body).toEqual({ aspsps: [] });
        agent.assertNoPendingInterceptors();
      } finally {
        restore();
        await agent.close();
      }
    });
  });
}

/** The same by undici's MockAgent. */
export function play(agent: MockAgent): void {
  const json = { headers: { 'content-type': 'application/json' } };
  const token = { path: '/connect/token', method: 'POST' };
  const bearer = (value: string) => ({ path: PATH, method: 'GET', headers: { authorization: `Bearer ${value}` } });
  agent.get(TOKEN_HOST).intercept(token).reply(200, grant('first'), json);
  agent.get(TOKEN_HOST).intercept(token).reply(200, grant('second'), json);
  agent.get(API).intercept(bearer('first')).reply(401, expired, json);
  agent.get(API).intercept(bearer('second')).reply(200, { aspsps: [] }, json);
}
