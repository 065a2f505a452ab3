import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { presentedCertificate } from '../certificate/client-certificate.js';
import type { FaultEffect } from '../faults/active-faults.js';
import type { ResponseFault } from '../faults/fault.js';
import { bearerOf, type HostRequest, requestIdOf, type SandboxHost } from '../hosts/host.js';
import type { HostResponse } from '../hosts/response.js';
import type { SandboxExchange } from '../records/exchange.js';
import { fingerprint } from '../records/fingerprint.js';

/** How the sandbox handles a host's requests, step by step. */
export interface RequestHandler {
  readonly host: SandboxHost;
  /** Called when the headers have arrived. */
  readonly onHeaders: (path: string, headers: HostRequest['headers']) => FaultEffect;
  /** Called when the body has arrived too. `target` is the path with its query. */
  readonly onRequest: (request: HostRequest, target: string) => void;
  readonly wait: (delayMs: number) => Promise<void>;
  /** Called after the wait, so that a token revoked in the meantime is rejected. */
  readonly respond: (request: HostRequest, fault: ResponseFault | undefined) => HostResponse;
  readonly onResponse: (status: number) => void;
  /** Called when the connection is done with the request; without a response if there was none. */
  readonly onExchange: (
    exchange: SandboxExchange,
    response: HostResponse | undefined,
    headers: HostRequest['headers'],
  ) => void;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const BODY_TOO_LARGE: HostResponse = { status: 413, note: `the body is larger than ${MAX_BODY_BYTES} bytes` };

/** Handles one request, from its headers to the end of the response. */
export async function handleRequest(incoming: IncomingMessage, outgoing: ServerResponse, handler: RequestHandler) {
  const startedAt = performance.now();
  const { method = '', url: target = '/' } = incoming;
  const path = target.split('?', 1)[0] ?? target;
  const headers = flatten(incoming.headersDistinct);
  const sentToken = bearerOf(headers);
  let token = sentToken && fingerprint(sentToken);
  let note: string | undefined;
  let response: HostResponse | undefined;
  outgoing.once('close', () => {
    const status = outgoing.headersSent ? outgoing.statusCode : 0;
    const durationMs = performance.now() - startedAt;
    const reason = note ?? (status === 0 ? 'the connection ended before the response' : undefined);
    const remarks = { ...(token !== undefined && { token }), ...(reason !== undefined && { note: reason }) };
    handler.onExchange({ host: handler.host, method, path, status, durationMs, ...remarks }, response, headers);
  });

  const certificate = presentedCertificate(incoming.socket);
  const { delayMs, fault } = handler.onHeaders(path, headers);
  const body = await readBody(incoming);
  if (body === 'aborted') return;
  const request = { method, path, headers, body: body === 'too large' ? Buffer.alloc(0) : body, certificate };
  handler.onRequest(request, target);
  if (delayMs > 0) await handler.wait(delayMs);

  if (fault?.kind === 'hang' || fault?.kind === 'reset') {
    note = `fault: ${fault.kind}`;
    if (fault.kind === 'reset') reset(incoming.socket);
    return;
  }
  response = body === 'too large' ? BODY_TOO_LARGE : handler.respond(request, fault);
  note = response.note;
  if (response.issued !== undefined) token = fingerprint(response.issued);
  handler.onResponse(response.status);
  send(outgoing, response, handler.host === 'api' ? requestIdOf(request) : undefined);
}

// A socket under TLS cannot be reset. For a client that waits for a response, destroying it has much the same effect.
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

function send(outgoing: ServerResponse, response: HostResponse, requestId: string | undefined): void {
  outgoing.statusCode = response.status;
  if (requestId !== undefined) outgoing.setHeader('X-Request-ID', requestId);
  for (const [name, value] of Object.entries(response.headers ?? {})) outgoing.setHeader(name, value);
  outgoing.end(response.body ?? '');
}

// An oversized body is still read to its end: a client in the middle of sending would not see the response.
function readBody(incoming: IncomingMessage): Promise<Buffer | 'too large' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else chunks.length = 0;
    });
    incoming.once('end', () => resolve(size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : 'too large'));
    incoming.once('close', () => resolve('aborted'));
    incoming.once('error', () => resolve('aborted'));
  });
}

// Not `headers`, which drops a second Authorization header: a test that looks for one must see it.
function flatten(headers: IncomingMessage['headersDistinct']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, values] of Object.entries(headers)) flat[name] = values?.join(', ') ?? '';
  return flat;
}
