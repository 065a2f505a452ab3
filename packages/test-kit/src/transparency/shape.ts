import { isProxy } from 'node:util/types';

/** Classes whose instances are compared by name alone: connections and what belongs to them. */
const OPAQUE = /^(?:ClientRequest|RedirectableRequest|Writable|Agent|HttpsAgent|Socket|Promise|CancelToken)$/;
const PLAIN = /^(?:Object|null|Array|AxiosHeaders)$/;
const MAX_DEPTH = 7;

// Under Jest a global is looked up by an interceptor, which takes its time.
const { URL, URLSearchParams, AbortSignal, Blob } = globalThis;

/**
 * What a caller can see of a result or an error, as something that can be compared: class, own enumerable keys, values,
 * and the content of bodies. Bodies are read.
 */
export async function shapeOf(
  value: unknown,
  given: readonly unknown[],
  text: (text: string) => string,
): Promise<unknown> {
  const shaper = new Shaper(given, text);
  const shape = shaper.shape(value, 0);
  while (shaper.reading.length > 0) await Promise.all(shaper.reading.splice(0));
  return shape;
}

class Shaper {
  /** Bodies whose content has still to be put where it belongs. */
  readonly reading: Promise<void>[] = [];
  readonly #seen = new Set<object>();

  constructor(
    readonly given: readonly unknown[],
    readonly text: (text: string) => string,
  ) {}

  shape(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return withoutBoundary(this.text(value));
    if (typeof value === 'function') return '[function]';
    if (typeof value !== 'object' || value === null) return typeof value === 'number' ? String(value) : value;
    const name = classOf(value);
    if (this.given.includes(value)) return `[${name}, as given]`;
    // undici's note on the connection that failed has class Object.
    if (OPAQUE.test(name) || 'localPort' in value) return `[${name}]`;
    if (this.#seen.has(value) || depth > MAX_DEPTH) return `[${name}, seen]`;
    this.#seen.add(value);
    return { class: name, ...this.#inside(name, value, depth + 1) };
  }

  #inside(name: string, value: object, depth: number): object {
    if (PLAIN.test(name)) return this.#fields(value, depth);
    if (isError(value)) return this.#error(value, depth);
    if (value instanceof URL) return { href: this.text(value.href) };
    if (value instanceof URLSearchParams) return { text: String(value) };
    if (value instanceof AbortSignal) return { aborted: value.aborted };
    if (ArrayBuffer.isView(value)) return { bytes: latin1(value.buffer, value.byteOffset, value.byteLength) };
    if (value instanceof ArrayBuffer || name === 'ArrayBuffer') return { bytes: latin1(value as ArrayBuffer) };
    if (value instanceof Blob) return { type: value.type, content: this.#content(() => value.text(), depth) };
    if (name === 'Response') return this.#response(value as Response, depth);
    if (name === 'Request') return this.#request(value as Request);
    if (name === 'Headers') return { entries: this.#entries(value as Headers) };
    // The form-data package has one of its own, which is a stream.
    if (name === 'FormData' && !(Symbol.iterator in value)) return {};
    if (name === 'FormData') return { entries: this.shape([...(value as FormData)], depth) };
    if (!(Symbol.asyncIterator in value)) return this.#fields(value, depth);
    return { content: this.#content(() => contentOf(value as AsyncIterable<unknown>), depth) };
  }

  #fields(value: object, depth: number): object {
    const fields: Record<string, unknown> = {};
    for (const key of Object.keys(value)) fields[key] = this.shape(Reflect.get(value, key), depth);
    return { fields, keys: Object.keys(value).sort(), ...requestClass(value) };
  }

  #error(error: Error, depth: number): object {
    const { name, message, cause } = error;
    return {
      name,
      // axios has errors whose message is an error.
      message: this.shape(message, depth),
      code: 'code' in error ? error.code : undefined,
      ...this.#fields(error, depth),
      cause: this.shape(cause, depth),
    };
  }

  #response(response: Response, depth: number): object {
    const { status, statusText, url, redirected, type, ok, bodyUsed } = response;
    return {
      ...{ status, statusText, redirected, type, ok, bodyUsed, url: this.text(url) },
      headers: this.#entries(response.headers),
      hasBody: response.body !== null,
      content: bodyUsed ? undefined : this.#content(() => response.text(), depth),
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

  /** Filled in when it has been read. */
  #content(read: () => Promise<string>, depth: number): { text?: string; fails?: unknown } {
    const content: { text?: string; fails?: unknown } = {};
    const done = read().then(
      (text) => {
        content.text = this.text(text);
      },
      (error: unknown) => {
        content.fails = this.shape(error, depth);
      },
    );
    this.reading.push(done);
    return content;
  }
}

async function contentOf(chunks: AsyncIterable<unknown>): Promise<string> {
  const read: Buffer[] = [];
  for await (const chunk of chunks) {
    read.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array));
  }
  return Buffer.concat(read).toString('latin1');
}

/** Each multipart body has a boundary of its own, at random. */
export function withoutBoundary(text: string): string {
  return text.replace(
    /-*(?:formdata-undici-\d+|axios-[\d.]+-boundary-[\w-]{25}|axios-[0-9a-f]{32,40}|-{20}[0-9a-f]{24})/g,
    'BOUNDARY',
  );
}

/** Whether enumerable or not. */
function requestClass(holder: object): object {
  if (!('request' in holder)) return {};
  return {
    requestClass: typeof holder.request === 'object' && holder.request ? classOf(holder.request) : holder.request,
  };
}

function classOf(value: object): string {
  if (isProxy(value)) return 'Proxy';
  return Object.getPrototypeOf(value) === null ? 'null' : (value.constructor?.name ?? 'none');
}

// Errors of another realm: Jest gives tests one of their own.
function isError(value: object): value is Error {
  return Object.prototype.toString.call(value) === '[object Error]' || 'stack' in value;
}

function latin1(buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): string {
  return Buffer.from(buffer, offset, length).toString('latin1');
}
