import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contentOf, type ResponsePlan, UNAUTHORIZED } from './response-plan.js';

/** A request as it came over the wire. */
export interface SentRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Names and values in order, with their case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** One character for each byte. */
  body: string;
  /** Whether all of the body came. */
  complete: boolean;
}

/** All that is sent for one call, and what the server does about it. */
export class Conversation {
  readonly requests: SentRequest[] = [];
  readonly arrived: Promise<void>;
  arrive = () => {};

  constructor(
    readonly response: ResponsePlan,
    /** The Authorization that gets a 401. */
    readonly revoked: string | undefined,
    /** The body never ends, so a request has arrived when its headers have. */
    readonly endless: boolean,
  ) {
    this.arrived = new Promise((resolve) => {
      this.arrive = resolve;
    });
  }
}

/** Two origins on loopback, one the API, that note what is sent to them and respond as each conversation says. */
export class EchoServer {
  readonly #conversations = new Map<string, Conversation>();
  readonly #servers: readonly Server[] = [0, 1].map(() => createServer((...both) => this.#handle(...both)));
  origin = '';
  elsewhere = '';

  static async start(): Promise<EchoServer> {
    const echo = new EchoServer();
    const [origin = '', elsewhere = ''] = await Promise.all(echo.#servers.map(listen));
    return Object.assign(echo, { origin, elsewhere });
  }

  /** Requests whose path begins with `/id/` belong to the conversation. */
  begin(id: string, conversation: Conversation): void {
    this.#conversations.set(id, conversation);
  }

  end(id: string): void {
    this.#conversations.delete(id);
  }

  /** The same text for all servers, which differ in their ports. */
  withoutPorts(text: string): string {
    return text
      .replaceAll(this.origin.slice('http://'.length), 'api.test')
      .replaceAll(this.elsewhere.slice('http://'.length), 'elsewhere.test');
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    await Promise.all(this.#servers.map((server) => !server.listening || once(server, 'close')));
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const [, id = '', hop = ''] = request.url?.split(/[/?]/) ?? [];
    const conversation = this.#conversations.get(id);
    if (!conversation) {
      response.destroy();
      return;
    }
    const { method, url, rawHeaders } = request;
    const headers = rawHeaders.flatMap((name, n) =>
      n % 2 === 0 ? [[name, this.withoutPorts(rawHeaders[n + 1] ?? '')] as const] : [],
    );
    const sent: SentRequest = { method, url, headers, body: '', complete: false };
    conversation.requests.push(sent);
    const unauthorized =
      conversation.response === UNAUTHORIZED ||
      (conversation.revoked !== undefined && request.headers.authorization === conversation.revoked);
    if (conversation.endless) conversation.arrive();
    request.setEncoding('latin1');
    request.on('data', (chunk: string) => {
      sent.body += chunk;
    });
    request.on('error', () => {});
    request.on('end', () => {
      sent.complete = true;
      if (unauthorized) respond(request, response, UNAUTHORIZED);
      else this.#respond(id, hop, conversation.response, request, response);
      if (!unauthorized) conversation.arrive();
    });
  }

  #respond(id: string, hop: string, plan: ResponsePlan, request: IncomingMessage, response: ServerResponse): void {
    const done = /^hop\d+$/.test(hop) ? Number(hop.slice(3)) : 0;
    if (plan.redirect && done < plan.redirect.hops) {
      const { status, elsewhere } = plan.redirect;
      const location = `${elsewhere ? this.elsewhere : this.origin}/${id}/hop${done + 1}`;
      response.sendDate = false;
      response.writeHead(status, { location, 'content-length': 0 }).end();
    } else respond(request, response, plan);
  }
}

function respond(request: IncomingMessage, response: ServerResponse, plan: ResponsePlan): void {
  const { status, ending } = plan;
  if (ending === 'never') return;
  const { type, bytes } = contentOf(plan);
  response.sendDate = false;
  const headers = { 'content-type': type, 'set-cookie': ['a=1', 'b=2'], 'x-repeated': ['1', '2'] };
  if (request.method === 'HEAD' || status === 204 || status === 304) {
    response.writeHead(status, headers).end();
    return;
  }
  response.writeHead(status, {
    ...headers,
    ...(!plan.chunked && { 'content-length': bytes.length }),
    ...(plan.encoding !== 'identity' && { 'content-encoding': plan.encoding }),
  });
  if (ending === 'whole') response.end(bytes);
  else {
    response.write(bytes.subarray(0, bytes.length / 2), () => ending === 'breaks off' && response.destroy());
  }
}

async function listen(server: Server): Promise<string> {
  // A connection that the server closes for idleness, just when it is used again, is an error by chance.
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
