import { systemClock } from '../clock.js';

/** The first `limitBytes` of a stream as text, and whether that was all of it. The rest is cancelled. */
export async function readText(
  stream: ReadableStream<Uint8Array>,
  limitBytes: number,
  signal?: AbortSignal,
): Promise<{ readonly text: string; readonly complete: boolean }> {
  const reader = stream.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal?.addEventListener('abort', stop, { once: true });
  const decoder = new TextDecoder();
  let text = '';
  let left = limitBytes;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text: text + decoder.decode(), complete: signal?.aborted !== true };
      text += decoder.decode(value.subarray(0, left), { stream: true });
      left -= value.byteLength;
      if (left < 0) {
        stop();
        return { text, complete: false };
      }
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * Lets go of a response body that nobody will read. Its connection can be used again only once all of it has arrived: so a
 * body that is short and soon complete is read, and any other is cancelled. Not by `readText`: its signal and
 * decoder cost something for each of a thousand 401s.
 */
export async function drain(
  body: ReadableStream<Uint8Array> | null,
  limitBytes: number,
  limitMs: number,
): Promise<void> {
  // Some fetches have streams of Node.js.
  if (!body || !('getReader' in body) || body.locked) return releaseBody(body);
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  const forget = systemClock.after(limitMs, stop, true);
  let left = limitBytes;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      left -= value.byteLength;
      if (left < 0) stop();
    }
  } catch {}
  forget();
}

/** Whether a body can be read only once: a web or Node stream, one of the form-data package, an async iterable. */
export function isOneShot(body: unknown): boolean {
  return (
    typeof body === 'object' && body !== null && ('getReader' in body || 'pipe' in body || Symbol.asyncIterator in body)
  );
}

/**
 * A body as it is now, so that it can be sent later, or twice, whatever its owner does with it meanwhile. What cannot
 * change, and what can be read only once, is returned as it is.
 */
export function copyBody(body: RequestInit['body']): RequestInit['body'] {
  if (typeof body !== 'object' || body === null || isOneShot(body)) return body;
  const kind = Object.prototype.toString.call(body);
  if (ArrayBuffer.isView(body)) {
    const isBytes = kind === '[object Uint8Array]';
    const bytes = isBytes ? body : new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    // A Buffer stays one.
    return Uint8Array.prototype.slice.call(bytes);
  }
  switch (kind) {
    case '[object ArrayBuffer]':
      return (body as ArrayBuffer).slice(0);
    case '[object URLSearchParams]':
      return new URLSearchParams(String(body));
    case '[object FormData]':
      return copyForm(body as FormData);
    case '[object Blob]':
    case '[object File]':
      return body;
    default:
      // Anything else is sent as its text.
      return body.toString === Object.prototype.toString ? body : String(body);
  }
}

function copyForm(form: FormData): FormData {
  // Of the same class, since undici's own fetch takes only its own FormData.
  const copy = new (form.constructor as typeof FormData)();
  for (const [name, value] of form as unknown as Iterable<[string, string | Blob]>) {
    if (typeof value === 'string') copy.append(name, value);
    else copy.append(name, value);
  }
  return copy;
}

/** Calls back if a stream fails, until the returned function is called. Nobody else can read a web stream meanwhile. */
export function onFailure(stream: object, callback: (error: unknown) => void): () => void {
  if (isNodeStream(stream)) {
    stream.on('error', callback);
    return () => stream.off('error', callback);
  }
  if (!('getReader' in stream) || (stream as ReadableStream).locked) return () => {};
  const reader = (stream as ReadableStream).getReader();
  let isWatched = true;
  reader.closed.catch((error) => isWatched && callback(error));
  return () => {
    isWatched = false;
    reader.releaseLock();
  };
}

/** A Node stream that fails while nobody listens ends the process, and `fetch` listens only when it has a connection. */
export function surviveFailure(body: unknown): void {
  if (isNodeStream(body)) body.on('error', () => {});
}

type Listen = (event: 'error', listener: (error: unknown) => void) => void;

function isNodeStream(body: unknown): body is { on: Listen; off: Listen } {
  return typeof body === 'object' && body !== null && 'on' in body && 'off' in body && typeof body.on === 'function';
}

/** Lets go of a stream that nobody will read, and with it of a file or a connection. */
export function releaseBody(body: unknown): void {
  if (!isOneShot(body)) return;
  const { cancel, destroy, return: end } = body as Record<string, unknown>;
  const release = [cancel, destroy, end].find((one) => typeof one === 'function');
  try {
    // A stream that is locked belongs to somebody else by now, and says so.
    Promise.resolve(release?.call(body)).catch(() => {});
  } catch {}
}
