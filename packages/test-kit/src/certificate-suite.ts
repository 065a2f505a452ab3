import { inspect } from 'node:util';
import type { OpenBankingAuthConfig } from '@open-banking-auth/core';
import { type ClientCertificate, clientCertificate } from '@open-banking-auth/core/node';
import { type Sandbox, sandboxCertificate, startSandbox } from '@open-banking-auth/sandbox';
import { foreignCert, foreignKey } from './certificates.js';
import { IN_FULL } from './in-full.js';
import { recordEvents } from './recorded-events.js';

const MANY = IN_FULL ? 100 : 30;

interface ReadResponse {
  readonly status: number;
  readonly body: string;
}

export interface ClientWithCertificate {
  readonly name: string;
  /** Sends with the token and, if it is given, the certificate; resolves for every status. */
  over(
    config: OpenBankingAuthConfig,
    certificate: ClientCertificate,
  ): (url: string, request?: { readonly method?: 'POST'; readonly body?: string }) => Promise<ReadResponse>;
  /** What the innermost error says when the server rejects a certificate. */
  readonly rejected: string;
}

const { ca, cert, key, pfx, passphrase } = sandboxCertificate;
const OURS = 'Open Banking Sandbox client (invented)';

/** Every client must do all of this with a client certificate, against a server that demands one. */
export function describeCertificate({ name, over, rejected }: ClientWithCertificate): void {
  describe(`${name}: the client certificate`, () => {
    let sandbox: Sandbox;
    let banks: string;
    let echo: string;
    const start = async (how: 'handshake' | 'answer') => {
      sandbox = await startSandbox({ clientCertificate: how });
      banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;
      echo = `${sandbox.apiUrl}/echo`;
    };
    afterEach(() => sandbox.close());

    test.each([
      ['a pfx', { pfx, passphrase, ca }],
      ['PEM', { cert, key, ca }],
    ])('of %s is sent with a request, along with the token', async (_, given) => {
      await start('handshake');
      expect((await over(sandbox.config, clientCertificate(given))(banks)).status).toBe(200);
      expect(sandbox.requests).toEqual([expect.objectContaining({ certificate: OURS })]);
    });

    test('is sent with the replay after a 401 too, and the body is the same', async () => {
      await start('handshake');
      const send = over(sandbox.config, clientCertificate({ pfx, passphrase, ca }));
      await send(banks);
      sandbox.revokeTokens();
      sandbox.resetStats();
      const { status } = await send(echo, { method: 'POST', body: 'räksmörgås' });
      expect(status).toBe(200);
      expect(sandbox.stats()).toMatchObject({ unauthorized: 1, tokensIssued: 1 });
      expect(sandbox.requests.map(({ body, certificate }) => [body.toString(), certificate])).toEqual([
        ['räksmörgås', OURS],
        ['räksmörgås', OURS],
      ]);
    });

    test('serves many requests at once, over connections of its own', async () => {
      await start('handshake');
      const send = over(sandbox.config, clientCertificate({ pfx, passphrase, ca }));
      const responses = await Promise.all(Array.from({ length: MANY }, () => send(banks)));
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(MANY);
      expect(sandbox.requests.filter(({ certificate }) => certificate === OURS)).toHaveLength(MANY);
      expect(sandbox.stats().tokenRequests).toBe(1);
    });

    test('and a redirect from https to plain http elsewhere takes no token along', async () => {
      await start('handshake');
      sandbox.fault({ kind: 'redirect', at: 'api', location: `${sandbox.foreignUrl}/bank` });
      const { status } = await over(sandbox.config, clientCertificate({ pfx, passphrase, ca }))(banks);
      expect(status).toBe(200);
      expect(sandbox.stats()).toMatchObject({ foreignRequests: 1, foreignRequestsWithAuthorization: 0 });
    });

    test("rejected in the handshake is the client's own error, and nothing reaches the API", async () => {
      await start('handshake');
      const send = over(sandbox.config, clientCertificate({ cert: foreignCert, key: foreignKey, ca }));
      const error: unknown = await send(banks).catch((reason: unknown) => reason);
      expect(innermost(error)).toMatchObject({ message: expect.stringContaining(rejected) });
      const printed = inspect(error, { depth: Infinity, showHidden: true });
      for (const line of foreignKey.split('\n').slice(1, -2)) expect(printed).not.toContain(line);
      expect(sandbox.stats().apiRequests).toBe(0);
    });

    test('rejected by the API is a 401 that is passed on, and costs no token request', async () => {
      await start('answer');
      const { events, onEvent } = recordEvents();
      const send = over({ ...sandbox.config, onEvent }, clientCertificate({ cert: foreignCert, key: foreignKey, ca }));
      const { status, body } = await send(banks);
      expect([status, JSON.parse(body).tppMessages[0].code]).toEqual([401, 'CERTIFICATE_INVALID']);
      expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiRequests: 1 });
      expect(events('request.unauthorized')).toEqual([expect.objectContaining({ verdict: 'pass' })]);
    });
  });
}

function innermost(error: unknown): unknown {
  let inner = error;
  while (typeof inner === 'object' && inner !== null && 'cause' in inner && inner.cause) inner = inner.cause;
  return inner;
}
