import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What the server and its API have seen since they were last asked. */
export interface Seen {
  readonly tokenRequests: number;
  readonly accepted: number;
  readonly refused: number;
}

/** oidc-provider in a process of its own, and an API that asks it about every token. */
export class OidcProvider {
  readonly #process: ChildProcess;
  readonly tokenUrl: string;
  readonly apiUrl: string;
  readonly #authorization: string;

  private constructor(process: ChildProcess, at: { issuer: string; apiUrl: string; authorization: string }) {
    this.#process = process;
    this.tokenUrl = `${at.issuer}/connect/token`;
    this.apiUrl = at.apiUrl;
    this.#authorization = at.authorization;
  }

  static async start(clients: readonly object[], tls?: object): Promise<OidcProvider> {
    const grants = { grant_types: ['client_credentials'], scope: 'accountinformation paymentinitiation' };
    const given = [JSON.stringify(clients.map((client) => ({ ...grants, ...client }))), JSON.stringify(tls ?? null)];
    const child = fork(join(__dirname, '../authorization-server.mjs'), given, { execArgv: [] });
    const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`The server ended with ${code}`)));
    const [at] = await Promise.race([once(child, 'message'), died]);
    return new OidcProvider(child, at);
  }

  get issuer(): string {
    return new URL(this.tokenUrl).origin;
  }

  async seen(fetch = globalThis.fetch): Promise<Seen> {
    return (await (await fetch(`${this.apiUrl}/seen`)).json()) as Seen;
  }

  /** Revokes a token, as the API. */
  async revoke(token: string, fetch = globalThis.fetch): Promise<void> {
    const { status } = await fetch(`${this.issuer}/token/revocation`, {
      method: 'POST',
      headers: { authorization: this.#authorization },
      body: new URLSearchParams({ token }),
    });
    expect(status).toBe(200);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    if (this.#process.kill()) await ended;
  }
}
