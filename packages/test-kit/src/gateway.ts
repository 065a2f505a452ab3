import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request, as the gateway saw it. */
export interface Seen {
  readonly path: string;
  readonly method: string;
  readonly authorization: string | undefined;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** A gateway before both API and token endpoint. Each request is redirected along the rest of its path, or gets a 200. */
export class Gateway {
  readonly seen: Seen[] = [];
  status = 302;
  revoked: string | undefined;
  onRequest: (path: string) => unknown = () => {};
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response));

  async listen(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method = '', headers } = request;
    const { pathname, searchParams } = new URL(url, this.origin);
    let body = '';
    for await (const chunk of request.setEncoding('latin1')) body += chunk;
    this.seen.push({ path: pathname, method, authorization: headers.authorization, body, headers });
    this.onRequest(pathname);
    const [next, ...rest] = searchParams.getAll('to');
    if (headers.authorization !== undefined && headers.authorization === this.revoked) {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    } else if (next === undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    } else {
      const query = rest.map((to) => `to=${encodeURIComponent(to)}`).join('&');
      response.writeHead(this.status, { location: `${next}${query && `?${query}`}` }).end();
    }
  }
}
