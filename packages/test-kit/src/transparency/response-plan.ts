import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';

/** What the echo server responds to one request. */
export interface ResponsePlan {
  readonly status: number;
  readonly content: keyof typeof CONTENTS;
  readonly encoding: keyof typeof ENCODINGS;
  /** Whether the length is not said beforehand. */
  readonly chunked: boolean;
  /** `breaks off`: the connection is closed in the body. `stalls`: it stays open in the body. `never`: there is no response. */
  readonly ending: 'whole' | 'breaks off' | 'stalls' | 'never';
  readonly redirect: { readonly status: number; readonly hops: number; readonly elsewhere: boolean } | null;
}

const text = 'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. '.repeat(3);

const CONTENTS = {
  json: {
    type: 'application/json',
    bytes: Buffer.from(JSON.stringify({ iban: 'SE35', amounts: [1, 2.5, null], text })),
  },
  'broken json': { type: 'application/json; charset=utf-8', bytes: Buffer.from('{"iban": "SE35') },
  text: { type: 'text/plain; charset=utf-8', bytes: Buffer.from(text) },
  bytes: { type: 'application/octet-stream', bytes: Buffer.from(Uint8Array.from({ length: 300 }, (_, n) => n % 256)) },
  form: { type: 'application/x-www-form-urlencoded', bytes: Buffer.from('a=1&b=2&a=3') },
  nothing: { type: 'application/json', bytes: Buffer.alloc(0) },
  // The platform's 401 for a consent: no new token cures it.
  consent: { type: 'application/json', bytes: Buffer.from('{"code":"CONSENT_EXPIRED"}') },
} as const;

const ENCODINGS = { identity: (bytes: Buffer) => bytes, gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

const encoded = new Map<string, Buffer>();

/** The body of a response with its headers; compressing is done once for all requests. */
export function contentOf({ content, encoding }: ResponsePlan): { readonly type: string; readonly bytes: Buffer } {
  const { type, bytes } = CONTENTS[content];
  const key = `${content} ${encoding}`;
  const known = encoded.get(key) ?? ENCODINGS[encoding](bytes);
  encoded.set(key, known);
  return { type, bytes: known };
}

export const PLAIN_RESPONSE: ResponsePlan = {
  status: 200,
  content: 'json',
  encoding: 'identity',
  chunked: false,
  ending: 'whole',
  redirect: null,
};

/** A 401 without a reason, which is what an API says about a revoked token. */
export const UNAUTHORIZED: ResponsePlan = { ...PLAIN_RESPONSE, status: 401, content: 'nothing' };

export const responsePlans: fc.Arbitrary<ResponsePlan> = fc
  .record({
    status: mostly(200, 201, 204, 304, 400, 401, 404, 429, 500),
    content: mostly<ResponsePlan['content']>('json', 'broken json', 'text', 'bytes', 'form', 'nothing', 'consent'),
    encoding: mostly<ResponsePlan['encoding']>('identity', 'gzip', 'deflate', 'br'),
    chunked: mostly(false, true),
    ending: fc.oneof(
      { weight: 20, arbitrary: fc.constant<ResponsePlan['ending']>('whole') },
      { weight: 1, arbitrary: fc.constantFrom<ResponsePlan['ending']>('breaks off', 'stalls', 'never') },
    ),
    redirect: fc.option(
      fc.record({
        status: fc.constantFrom(301, 302, 303, 307, 308),
        hops: fc.integer({ min: 1, max: 3 }),
        elsewhere: fc.boolean(),
      }),
      { freq: 6 },
    ),
  })
  // Only the final response has the status, and a 401 that comes after a redirect has a test of its own.
  .map((plan) => (plan.status === 401 ? { ...plan, redirect: null } : plan));

/** The first value half of the time, one of the others otherwise. */
export function mostly<Value>(first: Value, ...others: Value[]): fc.Arbitrary<Value> {
  return fc.oneof(fc.constant(first), fc.constantFrom(...others));
}
