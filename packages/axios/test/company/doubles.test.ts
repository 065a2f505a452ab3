import { createTokenSource, type OpenBankingAuthConfig } from '@open-banking-auth/core';
import axios from 'axios';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import nock from 'nock';
import { ways } from './equipped.js';

const config: OpenBankingAuthConfig = {
  environment: 'sandbox',
  clientId: 'invented-id',
  clientSecret: 'invented-secret',
  scope: 'accountinformation private',
};
const TOKEN_HOST = 'https://oauth.sandbox.openbankingplatform.com';
const API = 'https://api.sandbox.openbankingplatform.com';
const PATH = '/psd2/aspspinformation/v1/aspsps';
const grant = (access_token: string) => ({ access_token, token_type: 'Bearer', expires_in: 3600 });
const expired = { tppMessages: [{ category: 'ERROR', code: 'TOKEN_EXPIRED' }] };

const clients = ways.flatMap(([name, ours]) => ['http', 'fetch'].map((adapter) => [name, adapter, ours] as const));

describe.each(clients)('%s with the %s adapter, in tests of its users', (_, adapter, ours) => {
  // Importing it is enough for nock to take over http for the whole process.
  beforeEach(() => nock.restore());
  afterAll(() => nock.restore());

  function equipped() {
    const api = axios.create({ adapter });
    ours(api, createTokenSource(config));
    return api;
  }

  test('nock 14 plays token host and API, 401 included', async () => {
    nock.activate();
    nock.disableNetConnect();
    try {
      const host = nock(TOKEN_HOST).post('/connect/token').reply(200, grant('first'));
      host.post('/connect/token').reply(200, grant('second'));
      const api = nock(API).get(PATH).matchHeader('authorization', 'Bearer first').reply(401, expired);
      api.get(PATH).matchHeader('authorization', 'Bearer second').reply(200, { aspsps: [] });
      expect((await equipped().get(API + PATH)).data).toEqual({ aspsps: [] });
      expect([host.isDone(), api.isDone()]).toEqual([true, true]);
    } finally {
      nock.cleanAll();
      nock.enableNetConnect();
      nock.restore();
    }
  });

  test('msw plays them too', async () => {
    let issued = 0;
    const seen: (string | null)[] = [];
    const server = setupServer(
      http.post(`${TOKEN_HOST}/connect/token`, () => HttpResponse.json(grant(`msw-${++issued}`))),
      http.get(API + PATH, ({ request }) => {
        seen.push(request.headers.get('authorization'));
        return seen.length === 1 ? HttpResponse.json(expired, { status: 401 }) : HttpResponse.json({ aspsps: [] });
      }),
    );
    server.listen({ onUnhandledRequest: 'error' });
    try {
      expect((await equipped().get(API + PATH)).data).toEqual({ aspsps: [] });
      expect(seen).toEqual(['Bearer msw-1', 'Bearer msw-2']);
    } finally {
      server.close();
    }
  });
});
