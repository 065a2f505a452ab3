import { UNAUTHORIZED_BODY_LIMIT_BYTES as LIMIT_BYTES, readText } from '@open-banking-auth/core/client';
import type { AxiosResponse } from 'axios';
import { isNodeStream, peekNodeStream } from './node-stream.js';

/**
 * The beginning of an answer's body as text. Whoever gets the response still gets all of it: a stream is replaced by one
 * with the same content.
 */
export async function lookAtBody(response: AxiosResponse, signal: AbortSignal): Promise<string | undefined> {
  const data: unknown = response.data;
  if (typeof data === 'string') return data.slice(0, LIMIT_BYTES);
  if (data instanceof ArrayBuffer) return decode(new Uint8Array(data));
  if (ArrayBuffer.isView(data)) return decode(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (data instanceof Blob) return data.slice(0, LIMIT_BYTES).text();
  if (isWebStream(data)) {
    const [kept, looked] = data.tee();
    response.data = kept;
    return (await readText(looked, LIMIT_BYTES, signal)).text;
  }
  if (isNodeStream(data)) {
    const { text, stream } = await peekNodeStream(data, LIMIT_BYTES, signal);
    response.data = stream;
    return text;
  }
  // A mock adapter's answer, which is an object already.
  return typeof data === 'object' && data !== null ? JSON.stringify(data) : undefined;
}

/** Frees the connection of an answer that nobody will read. */
export function discardBody(data: unknown): void {
  if (isWebStream(data)) void data.cancel().catch(() => {});
  else if (isNodeStream(data)) data.destroy();
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, LIMIT_BYTES));
}

function isWebStream(data: unknown): data is ReadableStream<Uint8Array> {
  return typeof data === 'object' && data !== null && 'tee' in data && 'getReader' in data;
}
