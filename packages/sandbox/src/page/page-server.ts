import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type LoopbackServer, listen } from '../server/loopback-server.js';
import { pageAsset } from './asset.js';
import type { History } from './history.js';
import type { Beginning } from './page-record.js';
import { stream } from './record-stream.js';

export interface PageContent {
  readonly history: History;
  readonly beginning: () => Beginning;
  /** Presses a button; false if there is none with this id. */
  readonly press: (id: string, on: boolean) => boolean;
}

export interface PageServer {
  /** With the key, which is all that is needed to read the page and press its buttons. */
  readonly url: string;
  close(): Promise<void>;
}

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

const MAX_PRESS_BYTES = 200;

/** Serves the page on 127.0.0.1, at a URL that nobody can guess. */
export async function servePage(content: PageContent): Promise<PageServer> {
  const key = randomBytes(18).toString('base64url');
  let origin = '';
  const server: LoopbackServer = await listen('page', 0, (incoming, outgoing) => {
    for (const [name, value] of Object.entries(HEADERS)) outgoing.setHeader(name, value);
    const file = fileOf(incoming, key, origin);
    if (file === undefined) reply(outgoing, 404, 'There is nothing here. Use the whole URL that was printed.\n');
    else respond(file, incoming, outgoing, content).catch(() => outgoing.destroy());
  });
  origin = server.origin;
  return { url: `${origin}/${key}/`, close: server.close };
}

/** The file that is asked for; undefined for a wrong key, and for another host or origin (DNS rebinding, other pages). */
function fileOf({ headers, url = '' }: IncomingMessage, key: string, origin: string): string | undefined {
  if (`http://${headers.host}` !== origin) return undefined;
  if (headers.origin !== undefined && headers.origin !== origin) return undefined;
  const [, given = '', ...rest] = url.split('/');
  const [one, other] = [Buffer.from(given), Buffer.from(key)];
  return one.length === other.length && timingSafeEqual(one, other) ? rest.join('/') : undefined;
}

async function respond(file: string, incoming: IncomingMessage, outgoing: ServerResponse, content: PageContent) {
  if (incoming.method === 'POST' && file === 'press') {
    reply(outgoing, await press(incoming, content), '');
    return;
  }
  if (incoming.method !== 'GET') reply(outgoing, 405, 'Only GET\n');
  else if (file === '') reply(outgoing, 200, pageAsset().html, 'text/html');
  else if (file === 'page.js') reply(outgoing, 200, pageAsset().js, 'text/javascript');
  else if (file === 'page.css') reply(outgoing, 200, pageAsset().css, 'text/css');
  else if (file === 'records') stream(outgoing, content);
  else reply(outgoing, 404, 'There is nothing here.\n');
}

/** The status of the response. A form of another page cannot send JSON, nor a page of another origin its own. */
async function press(incoming: IncomingMessage, content: PageContent): Promise<number> {
  if (incoming.headers['content-type'] !== 'application/json') return 415;
  if (!(Number(incoming.headers['content-length']) <= MAX_PRESS_BYTES)) return 413;
  const wish = parse(await text(incoming));
  return wish && content.press(wish.id, wish.on) ? 204 : 400;
}

function parse(body: string): { id: string; on: boolean } | undefined {
  try {
    const { id, on } = JSON.parse(body) ?? {};
    return typeof id === 'string' && typeof on === 'boolean' ? { id, on } : undefined;
  } catch {
    return undefined;
  }
}

function reply(outgoing: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  outgoing.statusCode = status;
  if (status !== 204) outgoing.setHeader('Content-Type', `${type}; charset=utf-8`);
  outgoing.end(body);
}
