import type { Readable } from 'node:stream';

/** What is used of a Node.js stream; told by structure, since axios may hand out any library's. */
export type NodeStream = AsyncIterable<Uint8Array | string> & { destroy(): unknown };

export function isNodeStream(data: unknown): data is NodeStream {
  return (
    typeof data === 'object' && data !== null && 'pipe' in data && Symbol.asyncIterator in data && 'destroy' in data
  );
}

/**
 * Reads the beginning of a stream, and gives a stream with the whole content in its place. (`unshift` would keep the
 * stream itself, but cannot be used once it has ended, and whether it has cannot be told beforehand.)
 */
export async function peekNodeStream(
  stream: NodeStream,
  limitBytes: number,
  signal: AbortSignal,
): Promise<{ readonly text: string | undefined; readonly stream: NodeStream | Readable }> {
  // Not an import: on runtimes without Node's streams there is nothing to peek at, and nothing to bundle.
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
    // Interrupted, failed or at its end: the stream below finds out by itself.
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
