import {
  UNAUTHORIZED_BODY_LIMIT_BYTES as LIMIT_BYTES,
  readText,
  UNAUTHORIZED_BODY_WAIT_MS as WAIT_MS,
} from '@open-banking-auth/core/client';
import type { AxiosResponse } from 'axios';
import { isNodeStream, isWebStream, peekNodeStream } from './node-stream.js';

/**
 * Peeks at the start of a response body as text. The caller still gets all of it: a stream is replaced by one with the same
 * content.
 */
export async function peekBody(response: AxiosResponse, signal: AbortSignal): Promise<string | undefined> {
  const data: unknown = response.data;
  if (typeof data === 'string') return data.slice(0, LIMIT_BYTES);
  if (data instanceof ArrayBuffer) return decode(new Uint8Array(data));
  if (ArrayBuffer.isView(data)) return decode(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (data instanceof Blob) return data.slice(0, LIMIT_BYTES).text();
  if (isWebStream(data)) {
    const [kept, peeked] = data.tee();
    response.data = kept;
    return (await readText(peeked, LIMIT_BYTES, signal)).text;
  }
  if (isNodeStream(data)) {
    const { text, stream } = await peekNodeStream(data, LIMIT_BYTES, signal);
    response.data = stream;
    return text;
  }
  // A mock adapter's response, which is an object already.
  return typeof data === 'object' && data !== null ? jsonOf(data) : undefined;
}

/** @throws RangeError for more than is looked at. */
function jsonOf(data: object): string {
  let left = LIMIT_BYTES;
  return JSON.stringify(data, (name, value: unknown) => {
    left -= name.length + (typeof value === 'string' ? value.length : 0) + 1;
    if (left < 0) throw new RangeError('Too long');
    return value;
  });
}

/** Frees the connection of a response that nobody will get. It can be used again if the body is short and soon complete. */
export async function discardResponse({ data }: AxiosResponse): Promise<void> {
  if (!isNodeStream(data)) return discardBody(data);
  const { stream } = await peekNodeStream(data, LIMIT_BYTES, AbortSignal.timeout(WAIT_MS));
  stream.destroy();
}

/** Lets go of a stream that nobody will read. */
export function discardBody(data: unknown): void {
  if (isWebStream(data)) void data.cancel().catch(() => {});
  else if (isNodeStream(data)) data.destroy();
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, LIMIT_BYTES));
}
