import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A token endpoint that passes each request on, and notices when two processes make one at the same time. */
export class TokenRequests {
  /** Pairs of processes, both alive, that requested a token at the same time. */
  readonly simultaneous: string[] = [];
  readonly #pending = new Set<string>();
  readonly #killed = new Set<string>();
  readonly #server: Server;

  private constructor(tokenUrl: string) {
    this.#server = createServer(async (request, response) => {
      const process = String(request.headers['x-process']);
      for (const other of this.#pending) {
        if (!this.#killed.has(other) && !this.#killed.has(process)) this.simultaneous.push(`${other} and ${process}`);
      }
      this.#pending.add(process);
      let body = '';
      for await (const chunk of request) body += chunk;
      const { authorization = '', 'content-type': type = '' } = request.headers;
      const answer = await fetch(tokenUrl, {
        method: 'POST',
        body,
        headers: { 'content-type': type, ...(authorization && { authorization }) },
      });
      const text = await answer.text();
      // A token request takes a moment, in which it can be killed.
      await new Promise((resolve) => setTimeout(resolve, 10));
      this.#pending.delete(process);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    });
  }

  static async before(tokenUrl: string): Promise<TokenRequests> {
    const requests = new TokenRequests(tokenUrl);
    requests.#server.listen(0, '127.0.0.1');
    await once(requests.#server, 'listening');
    return requests;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/connect/token`;
  }

  /** What this process has requested no longer counts. */
  killed(pid: number | undefined): void {
    this.#killed.add(String(pid));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
