import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Answer } from './answer.js';
import { bearerOf, requestIdOf } from './api-host.js';
import { presentedCertificate } from './client-certificate.js';
import type { AnsweringFault } from './fault.js';
import type { FaultVerdict } from './faults.js';
import type { HostRequest, SandboxHost } from './host.js';

/** One finished request, for a log. Contains no token and no secret. */
export interface SandboxExchange {
  /** The host that the request reached. */
  readonly host: SandboxHost;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The status that was sent, or 0 if the connection ended before an answer was sent. */
  readonly status: number;
  /** From the request's first line to the end of the answer, in milliseconds, with fractions. */
  readonly durationMs: number;
  /** The first 8 hex digits of the SHA-256 of the token that was sent or issued: it tells two tokens apart. */
  readonly token?: string;
  /** Why the answer is what it is, where the status alone does not say so. */
  readonly note?: string;
}

/** What the sandbox is to do around one request. */
export interface ExchangeSteps {
  readonly host: SandboxHost;
  /** Called when the head of the request is there. */
  readonly arrived: (path: string, headers: HostRequest['headers']) => FaultVerdict;
  /** Called when the body is there too. `target` is the path with its query. */
  readonly received: (request: HostRequest, target: string) => void;
  readonly wait: (delayMs: number) => Promise<void>;
  /** Called after the wait, so that a token which was revoked meanwhile is refused. */
  readonly answer: (request: HostRequest, fault: AnsweringFault | undefined) => Answer;
  readonly answered: (status: number) => void;
  readonly finished: ((exchange: SandboxExchange) => void) | undefined;
}

const mostBodyBytes = 16 * 1024 * 1024;

/** Takes one request from its head to the end of its answer. */
export async function exchange(incoming: IncomingMessage, response: ServerResponse, steps: ExchangeSteps) {
  const startedAt = performance.now();
  const { method = '', url: target = '/' } = incoming;
  const path = target.split('?', 1)[0] ?? target;
  const headers = flatten(incoming.headersDistinct);
  const sentToken = bearerOf(headers);
  let token = sentToken && fingerprint(sentToken);
  let note: string | undefined;
  response.once('close', () => {
    const status = response.headersSent ? response.statusCode : 0;
    const durationMs = performance.now() - startedAt;
    const why = note ?? (status === 0 ? 'the connection ended before the answer' : undefined);
    const remarks = { ...(token !== undefined && { token }), ...(why !== undefined && { note: why }) };
    steps.finished?.({ host: steps.host, method, path, status, durationMs, ...remarks });
  });

  const certificate = presentedCertificate(incoming.socket);
  const { delayMs, fault } = steps.arrived(path, headers);
  const body = await readBody(incoming);
  if (body === 'broken off') return;
  const request = { method, path, headers, body: body === 'too large' ? Buffer.alloc(0) : body, certificate };
  steps.received(request, target);
  if (delayMs > 0) await steps.wait(delayMs);

  if (fault?.kind === 'hang' || fault?.kind === 'reset') {
    note = `fault: ${fault.kind}`;
    if (fault.kind === 'reset') reset(incoming.socket);
    return;
  }
  const answer = body === 'too large' ? tooLarge : steps.answer(request, fault);
  note = answer.note;
  if (answer.issued !== undefined) token = fingerprint(answer.issued);
  steps.answered(answer.status);
  send(response, answer, steps.host === 'api' ? requestIdOf(request) : undefined);
}

// A socket under TLS cannot be reset. To a client that waits for an answer the end is much the same.
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

const tooLarge: Answer = { status: 413, note: `the body is larger than ${mostBodyBytes} bytes` };

function send(response: ServerResponse, answer: Answer, requestId: string | undefined): void {
  response.statusCode = answer.status;
  if (requestId !== undefined) response.setHeader('X-Request-ID', requestId);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.end(answer.body ?? '');
}

function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 8);
}

// An oversized body is read to its end all the same: a client that is still sending would not see the answer.
function readBody(incoming: IncomingMessage): Promise<Buffer | 'too large' | 'broken off'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= mostBodyBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    incoming.once('end', () => resolve(size <= mostBodyBytes ? Buffer.concat(chunks) : 'too large'));
    incoming.once('close', () => resolve('broken off'));
    incoming.once('error', () => resolve('broken off'));
  });
}

// Not `headers`, which drops a second Authorization: a test that looks for one must see it.
function flatten(headers: IncomingMessage['headersDistinct']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, values] of Object.entries(headers)) flat[name] = values?.join(', ') ?? '';
  return flat;
}
