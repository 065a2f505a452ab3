import { createTokenSource, type TokenSource } from '@open-banking-auth/core';
import { Gateway } from './gateway.js';
import { CONFIG, granted } from './token-endpoint.js';

/** A client whose requests are really sent. */
export interface RedirectedClient {
  readonly name: string;
  over(source: TokenSource): (url: string, body?: string) => Promise<{ readonly status: number }>;
}

/** Checks for one client that redirects keep the token within the API, but for a token endpoint on the same origin. */
export function describeRedirects(client: RedirectedClient): void {
  describe(`${client.name}: redirects, with API and token endpoint on one origin`, () => {
    let gateway: Gateway;
    beforeEach(async () => {
      gateway = await new Gateway().listen();
    });
    afterEach(() => gateway.close());

    function over() {
      let issued = 0;
      const tokens = createTokenSource({
        ...CONFIG,
        tokenUrl: `${gateway.origin}/connect/token`,
        apiOrigins: [gateway.origin],
        fetch: async () => granted(++issued),
      });
      const send = client.over(tokens);
      return (path: string, body?: string) => send(`${gateway.origin}${path}`, body);
    }

    const withToken = () => gateway.seen.map(({ path, authorization }) => [path, authorization]);

    test.each([301, 302, 303, 307, 308])('a %i to the token endpoint does not take the token along', async (status) => {
      gateway.status = status;
      expect((await over()('/psd2/x?to=/Connect//token/')).status).toBe(200);
      expect(withToken()).toEqual([
        ['/psd2/x', 'Bearer token-1'],
        ['/Connect//token/', undefined],
      ]);
    });

    test.each([301, 302, 303, 307, 308])('a %i within the API does, and a later one still does not', async (status) => {
      gateway.status = status;
      expect((await over()('/psd2/x?to=/psd2/y&to=/psd2/z&to=/connect/token&to=/psd2/a')).status).toBe(200);
      expect(withToken()).toEqual([
        ['/psd2/x', 'Bearer token-1'],
        ['/psd2/y', 'Bearer token-1'],
        ['/psd2/z', 'Bearer token-1'],
        ['/connect/token', undefined],
        ['/psd2/a', undefined],
      ]);
    });

    test.each([
      [302, 'GET', ''],
      [303, 'GET', ''],
      [307, 'POST', '{"amount":"10"}'],
      [308, 'POST', '{"amount":"10"}'],
    ])('a POST goes on after a %i as %s', async (status, method, body) => {
      gateway.status = status;
      expect((await over()('/psd2/x?to=/psd2/y&to=/psd2/z', '{"amount":"10"}')).status).toBe(200);
      expect(gateway.seen.slice(1)).toMatchObject(
        ['/psd2/y', '/psd2/z'].map((path) => ({ path, method, authorization: 'Bearer token-1', body })),
      );
    });

    test('a token revoked meanwhile is renewed, and the second send is redirected as the first was', async () => {
      gateway.status = 307;
      const send = over();
      await send('/psd2/x');
      gateway.revoked = 'Bearer token-1';
      expect((await send('/psd2/x?to=/psd2/y&to=/connect/token', 'a=b')).status).toBe(200);
      expect(gateway.seen.slice(1)).toMatchObject([
        { path: '/psd2/x', method: 'POST', authorization: 'Bearer token-1', body: 'a=b' },
        { path: '/psd2/x', method: 'POST', authorization: 'Bearer token-2', body: 'a=b' },
        { path: '/psd2/y', method: 'POST', authorization: 'Bearer token-2', body: 'a=b' },
        { path: '/connect/token', method: 'POST', authorization: undefined, body: 'a=b' },
      ]);
    });

    test('redirects without end are an error', async () => {
      const round = `/psd2/x?${'to=/psd2/x&'.repeat(30)}`;
      await expect(over()(round)).rejects.toThrow();
      expect(gateway.seen.length).toBeLessThan(25);
    });
  });
}
