import { openBankingFetch } from '@open-banking-auth/core';
import { sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import createClient from 'openapi-fetch';

/** As openapi-typescript writes it. */
interface paths {
  '/psd2/aspspinformation/v1/aspsps': {
    get: { responses: { 200: { content: { 'application/json': { aspsps: { name: string }[] } } } } };
  };
  '/echo': {
    post: {
      requestBody: { content: { 'application/json': { debtor: string } } };
      responses: { 200: { content: { 'application/json': unknown } } };
    };
  };
}

sandboxForEachTest();

describe('openapi-fetch over openBankingFetch', () => {
  const client = () =>
    createClient<paths>({
      baseUrl: sandbox.apiUrl,
      fetch: openBankingFetch(sandbox.config),
      headers: { 'X-BicFi': 'TESTSESS' },
    });

  test('requests have the token, and one that is unauthorized is sent again', async () => {
    const api = client();
    const first = await api.GET('/psd2/aspspinformation/v1/aspsps');
    expect(first.data?.aspsps).toHaveLength(2);
    sandbox.revokeTokens();
    expect((await api.GET('/psd2/aspspinformation/v1/aspsps')).response.status).toBe(200);
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
    expect(sandbox.requests.map(({ headers }) => headers['x-bicfi'])).toEqual(Array(3).fill('TESTSESS'));
  });

  test('a body, which it hides in a Request, is sent again whole', async () => {
    const api = client();
    await api.GET('/psd2/aspspinformation/v1/aspsps');
    sandbox.revokeTokens();
    sandbox.resetStats();
    expect((await api.POST('/echo', { body: { debtor: 'Åsa' } })).response.status).toBe(200);
    expect(sandbox.requests.map(({ body }) => body.toString())).toEqual(['{"debtor":"Åsa"}', '{"debtor":"Åsa"}']);
  });

  test('its middleware sees neither the token nor the first 401', async () => {
    const api = client();
    const seen: (string | number | null)[] = [];
    api.use({
      onRequest: ({ request }) => void seen.push(request.headers.get('authorization')),
      onResponse: ({ response }) => void seen.push(response.status),
    });
    await api.GET('/psd2/aspspinformation/v1/aspsps');
    sandbox.revokeTokens();
    await api.GET('/psd2/aspspinformation/v1/aspsps');
    expect(seen).toEqual([null, 200, null, 200]);
  });
});
