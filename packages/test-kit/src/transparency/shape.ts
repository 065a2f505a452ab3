import { isProxy } from 'node:util/types';

/** Classes whose instances are compared by name alone: connections and what belongs to them. */
const OPAQUE = /^(?:ClientRequest|RedirectableRequest|Writable|Agent|HttpsAgent|Socket|Promise|CancelToken)$/;
const MAX_DEPTH = 7;

/**
 * What a caller can see of a result or an error, as something that can be compared: class, own enumerable keys, values,
 * and the content of bodies. Bodies are read.
 */
export async function shapeOf(value: unknown, given: readonly unknown[], text: (text: string) => string): Promise<unknown> {
  return new Shaper(given, text).shape(value, 0);
}

class Shaper {
  readonly #seen = new Map<object, string>();

  constructor(
    readonly given: readonly unknown[],
    readonly text: (text: string) => string,
  ) {}

  async shape(value: unknown, depth: number): Promise<unknown> {
    if (typeof value === 'string') return withoutBoundary(this.text(value));
    if (typeof value === 'function') return '[function]';
    if (typeof value !== 'object' || value === null) return typeof value === 'number' ? String(value) : value;
    const name = classOf(value);
    // undici's note on the connection that failed has class Object.
    if (OPAQUE.test(name) || 'localPort' in value) return `[${name}]`;
    if (this.#seen.has(value) || depth > MAX_DEPTH) return `[${name}, seen]`;
    this.#seen.set(value, name);
    return { class: name, ...(await this.#inside(name, value, depth + 1)) };
  }

  async #inside(name: string, value: object, depth: number): Promise<object> {
    if (value instanceof Error || isError(value)) return this.#error(value, depth);
    if (value instanceof URL) return { href: this.text(value.href) };
    if (value instanceof URLSearchParams) return { text: String(value) };
    if (value instanceof AbortSignal) return { aborted: value.aborted };
    if (ArrayBuffer.isView(value)) return { bytes: hex(value.buffer, value.byteOffset, value.byteLength) };
    if (value instanceof ArrayBuffer || name === 'ArrayBuffer') return { bytes: hex(value as ArrayBuffer) };
    if (value instanceof Blob) return { type: value.type, bytes: await value.text() };
    if (name === 'Response') return this.#response(value as Response, depth);
    if (name === 'Request') return this.#request(value as Request);
    if (name === 'Headers') return { entries: this.#entries(value as Headers) };
    // The form-data package has one of its own, which is a stream.
    if (name === 'FormData' && !(Symbol.iterator in value)) return {};
    if (name === 'FormData') return { entries: await this.shape([...(value as FormData)], depth) };
    if (Symbol.asyncIterator in value) return { content: await this.#content(value as AsyncIterable<unknown>, depth) };
    const fields: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(value)) fields[key] = await this.shape(field, depth);
    return { fields, keys: Object.keys(value).sort(), ...requestClass(value) };
  }

  async #error(error: Error, depth: number): Promise<object> {
    const fields: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(error)) fields[key] = await this.shape(field, depth);
    const { name, message, cause } = error;
    return {
      name,
      // axios has errors whose message is an error.
      message: await this.shape(message, depth),
      code: 'code' in error ? error.code : undefined,
      keys: Object.keys(error).sort(),
      fields,
      cause: await this.shape(cause, depth),
      ...requestClass(error),
    };
  }

  async #response(response: Response, depth: number): Promise<object> {
    const { status, statusText, url, redirected, type, ok, bodyUsed } = response;
    return {
      ...{ status, statusText, redirected, type, ok, bodyUsed, url: this.text(url) },
      headers: this.#entries(response.headers),
      hasBody: response.body !== null,
      content: bodyUsed ? undefined : await this.#text(() => response.text(), depth),
      keys: Object.keys(response).sort(),
    };
  }

  #request(request: Request): object {
    const { method, url, redirect, credentials, mode, cache, referrer, referrerPolicy, integrity, keepalive } = request;
    const fields = { method, redirect, credentials, mode, cache, referrerPolicy, integrity, keepalive };
    return { ...fields, url: this.text(url), referrer: this.text(referrer), headers: this.#entries(request.headers) };
  }

  #entries(headers: Headers): unknown {
    return [...headers].map(([name, value]) => [name, withoutBoundary(this.text(value))]);
  }

  async #content(chunks: AsyncIterable<unknown>, depth: number): Promise<unknown> {
    return this.#text(async () => {
      const read: Buffer[] = [];
      for await (const chunk of chunks) {
        read.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array));
      }
      return Buffer.concat(read).toString('latin1');
    }, depth);
  }

  async #text(read: () => Promise<string>, depth: number): Promise<unknown> {
    try {
      return this.text(await read());
    } catch (error) {
      return { fails: await this.shape(error, depth) };
    }
  }
}

/** Each multipart body has a boundary of its own, at random. */
export function withoutBoundary(text: string): string {
  return text.replace(/-*(?:formdata-undici-\d+|axios-[\d.]+-boundary-[\w-]{25}|-{20}[0-9a-f]{24})/g, 'BOUNDARY');
}

/** Whether enumerable or not. */
function requestClass(holder: object): object {
  if (!('request' in holder)) return {};
  return { requestClass: typeof holder.request === 'object' && holder.request ? classOf(holder.request) : holder.request };
}

function classOf(value: object): string {
  if (isProxy(value)) return 'Proxy';
  return Object.getPrototypeOf(value) === null ? 'null' : (value.constructor?.name ?? 'none');
}

// Errors of another realm: Jest gives tests one of their own.
function isError(value: object): value is Error {
  return Object.prototype.toString.call(value) === '[object Error]' || 'stack' in value;
}

function hex(buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): string {
  return Buffer.from(buffer, offset, length).toString('latin1');
}
