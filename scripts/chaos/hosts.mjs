import { once } from 'node:events';
import { createServer } from 'node:http';

const TOKEN_RESPONSE_MS = 30;
const SLOW_TOKEN_RESPONSE_MS = 700;
const LONGEST_UNUSED_MS = 1_000;

/** The token endpoint and the API of a run. The endpoint can fail; tokens can be revoked, with effect at once. */
export class Hosts {
  /** Every token issued, with its life. */
  tokens = [];
  /** When tokens that were alive have been revoked. */
  revocations = [];
  /** What the API has made of the sends of a request, by its id. */
  sends = new Map();
  #byValue = new Map();
  #mode = 'well';
  #whenWell = [];
  #lifetimeMs;
  #lagMs;
  #servers = [];

  /** @param lagMs For how long the API does not know a new token yet. */
  static async start({ lifetimeMs, lagMs }) {
    const hosts = new Hosts();
    hosts.#lifetimeMs = lifetimeMs;
    hosts.#lagMs = lagMs;
    hosts.tokenUrl = `${await hosts.#listen((request, response) => hosts.#grant(request, response))}/connect/token`;
    hosts.apiUrl = await hosts.#listen((request, response) => hosts.#check(request, response));
    return hosts;
  }

  /** @param mode `errors` (503), `cuts` connections, `hangs` until it is well again, or `slow`. */
  breakTokenEndpoint(mode) {
    this.#mode = mode;
  }

  healTokenEndpoint() {
    this.#mode = 'well';
    for (const run of this.#whenWell.splice(0)) run();
  }

  /**
   * @param unused Also tokens that nobody has used yet, which are dead on arrival. By default it waits until they have been
   * used, for a second at most: an API that rejects a new token cannot be told from one that rejects all.
   */
  async revoke({ unused }) {
    const isUnused = ({ issuedAt, acceptedAt }) =>
      acceptedAt === undefined && Date.now() - issuedAt < LONGEST_UNUSED_MS;
    while (!unused && this.tokens.some(isUnused)) await new Promise((resolve) => setTimeout(resolve, 5));
    const now = Date.now();
    const alive = this.tokens.filter((token) => isAlive(token, now));
    for (const token of alive) token.revokedAt = now;
    if (alive.length > 0) this.revocations.push(now);
  }

  close() {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #listen(respond) {
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => respond(request, response));
    });
    // A process that was frozen would otherwise send on a connection that has been closed meanwhile.
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push(server);
    return `http://127.0.0.1:${server.address().port}`;
  }

  async #grant(request, response) {
    if (this.#mode === 'hangs') await new Promise((resolve) => this.#whenWell.push(resolve));
    if (request.socket.destroyed) return;
    if (this.#mode === 'cuts') {
      request.socket.destroy();
      return;
    }
    if (this.#mode === 'errors') {
      response.writeHead(503).end();
      return;
    }
    // A token is good from the moment at which its response leaves: what is slow is slow before that.
    await new Promise((resolve) =>
      setTimeout(resolve, this.#mode === 'slow' ? SLOW_TOKEN_RESPONSE_MS : TOKEN_RESPONSE_MS),
    );
    const issuedAt = Date.now();
    const token = { number: this.tokens.length + 1, value: `token-${crypto.randomUUID()}`, issuedAt };
    token.knownAt = issuedAt + this.#lagMs;
    token.expiresAt = issuedAt + this.#lifetimeMs;
    this.tokens.push(token);
    this.#byValue.set(token.value, token);
    const body = { access_token: token.value, token_type: 'Bearer', expires_in: this.#lifetimeMs / 1_000 };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #check({ headers }, response) {
    const at = Date.now();
    const token = this.#byValue.get(headers.authorization?.slice('Bearer '.length));
    const problem = problemOf(token, at, this.#lagMs);
    const id = headers['x-chaos-request'];
    this.sends.set(id, [...(this.sends.get(id) ?? []), { at, token, problem }]);
    if (problem) response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    else response.writeHead(200).end();
    if (!problem) token.acceptedAt ??= at;
  }
}

const isAlive = (token, now) => token.revokedAt === undefined && now < token.expiresAt;

function problemOf(token, now, lagMs) {
  if (!token) return 'unknown';
  if (token.revokedAt !== undefined) return 'revoked';
  if (now >= token.expiresAt) return 'expired';
  return lagMs > 0 && now < token.knownAt ? 'not known yet' : undefined;
}
