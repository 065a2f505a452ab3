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
