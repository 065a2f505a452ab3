import type { Readable } from 'node:stream';

/** The used part of a Node.js stream; recognised by structure, since axios may hand out any library's. */
export type NodeStream = AsyncIterable<Uint8Array | string> & { destroy(): unknown };

export function isNodeStream(data: unknown): data is NodeStream {
  return (
    typeof data === 'object' && data !== null && 'pipe' in data && Symbol.asyncIterator in data && 'destroy' in data
  );
}

export function isWebStream(data: unknown): data is ReadableStream<Uint8Array> {
  return typeof data === 'object' && data !== null && 'tee' in data && 'getReader' in data;
}

/**
 * Reads the start of a stream, and returns a stream with the whole content to use in its place. (`unshift` would keep the
 * stream itself, but fails once it has ended, and whether it has cannot be known beforehand.)
 */
export async function peekNodeStream(
  stream: NodeStream,
  limitBytes: number,
  signal: AbortSignal,
): Promise<{ readonly text: string | undefined; readonly stream: NodeStream | Readable }> {
  // Not imported: runtimes without Node's streams have nothing to peek at, and should bundle nothing.
  const node = globalThis.process?.getBuiltinModule?.('node:stream');
  if (!node) return { text: undefined, stream };

  const chunks = stream[Symbol.asyncIterator]();
  const taken: (Uint8Array | string)[] = [];
  let size = 0;
  let waiting: Promise<IteratorResult<Uint8Array | string>> | undefined;
  const interrupted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  while (size <= limitBytes && !signal.aborted) {
    waiting = chunks.next();
    const chunk = await Promise.race([waiting.catch(() => undefined), interrupted]);
    // Interrupted, failed or ended: the stream below will notice by itself.
    if (!chunk || chunk.done) break;
    taken.push(chunk.value);
    size += chunk.value.length;
    waiting = undefined;
  }

  async function* whole() {
    yield* taken;
    for (let next = waiting ?? chunks.next(); ; next = chunks.next()) {
      const chunk = await next;
      if (chunk.done) return;
      yield chunk.value;
    }
  }
  const replacement = node.Readable.from(whole(), { objectMode: false });
  replacement.once('close', () => stream.destroy());
  const decoder = new TextDecoder();
  const text = taken
    .map((chunk) => (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })))
    .join('');
  return { text: text.slice(0, limitBytes), stream: replacement };
}
