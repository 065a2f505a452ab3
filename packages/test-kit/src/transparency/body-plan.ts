import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { runInThisContext } from 'node:vm';
import fc from 'fast-check';

// Node's own: Jest runs a test in a realm of its own, whose errors are none for `fetch`, nor those of its views.
const [NodeRangeError, NodeDataView, NodeUint16Array] = runInThisContext('[RangeError, DataView, Uint16Array]');

/** A body, as something that prints. */
export interface BodyPlan {
  readonly kind: (typeof KINDS)[number] | (typeof STREAMS)[number];
  readonly text: string;
  /** How a stream ends. One that never ends is a request that can only be aborted. */
  readonly ending: 'ends' | 'fails' | 'never ends';
}

const KINDS = [
  ...[
    'absent',
    'undefined',
    'null',
    'empty text',
    'text',
    'object',
    'URLSearchParams',
    'FormData',
    'FormData with a file',
  ],
  ...['Blob', 'Blob without type', 'ArrayBuffer', 'Uint8Array', 'DataView', 'Uint16Array', 'Buffer', 'number'],
] as const;
const STREAMS = ['web stream', 'Node stream', 'missing file', 'iterable'] as const;

export const NO_BODY: BodyPlan = { kind: 'absent', text: 'x', ending: 'ends' };

export const bodyPlans: fc.Arbitrary<BodyPlan> = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...KINDS) },
    { weight: 1, arbitrary: fc.constantFrom(...STREAMS) },
  ),
  text: fc.constantFrom('x', 'söme text', '{"a":1}', 'a long one. '.repeat(500)),
  ending: fc.oneof(
    { weight: 4, arbitrary: fc.constant<BodyPlan['ending']>('ends') },
    { weight: 1, arbitrary: fc.constantFrom<BodyPlan['ending']>('fails', 'never ends') },
  ),
});

/** Whether it can be read only once, so that it cannot be sent again. */
export function isStream({ kind }: BodyPlan): boolean {
  return STREAMS.some((stream) => stream === kind);
}

export function isEndless(body: BodyPlan): boolean {
  return isStream(body) && body.kind !== 'missing file' && body.ending === 'never ends';
}

export function failsByItself(body: BodyPlan): boolean {
  return body.kind === 'missing file' || (isStream(body) && body.ending === 'fails');
}

/** The body itself; a new one for each call. */
export function bodyOf(plan: BodyPlan): unknown {
  const { kind, text } = plan;
  const bytes = new TextEncoder().encode(text);
  // Views into the middle of something larger: what lies around them must not be sent.
  const around = Uint8Array.of(1, 2, ...bytes, 3, 4);
  const made: Record<BodyPlan['kind'], () => unknown> = {
    absent: () => undefined,
    undefined: () => undefined,
    null: () => null,
    'empty text': () => '',
    text: () => text,
    object: () => ({ text, list: [1, 'two', null], nested: { ok: true } }),
    URLSearchParams: () => new URLSearchParams({ text, more: 'ä&=' }),
    FormData: () => formData(text),
    'FormData with a file': () => formData(text, new File([bytes], 'söme.bin', { type: 'image/png' })),
    Blob: () => new Blob([bytes], { type: 'text/x-bank' }),
    'Blob without type': () => new Blob([bytes]),
    ArrayBuffer: () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    Uint8Array: () => around.subarray(2, -2),
    DataView: () => Reflect.construct(NodeDataView, [around.buffer, 2, bytes.length]),
    Uint16Array: () => Reflect.construct(NodeUint16Array, [bytes]),
    Buffer: () => Buffer.from(around).subarray(2, -2),
    number: () => 42,
    'web stream': () => webStream(plan),
    'Node stream': () => Readable.from(chunks(plan), { objectMode: false }),
    'missing file': () => createReadStream('/this/file/is/not/there'),
    iterable: () => ({ [Symbol.asyncIterator]: () => chunks(plan) }),
  };
  return made[kind]();
}

/** Changes what a body that can be changed holds. */
export function overwrite(body: unknown): void {
  if (body instanceof URLSearchParams || body instanceof FormData) body.set('text', 'overwritten');
  else if (ArrayBuffer.isView(body)) Buffer.from(body.buffer, body.byteOffset, body.byteLength).fill('!');
  else if (body instanceof ArrayBuffer) Buffer.from(body).fill('!');
}

function formData(text: string, file?: File): FormData {
  const form = new FormData();
  form.append('text', text);
  form.append('text', 'twice');
  if (file) form.append('file', file);
  return form;
}

async function* chunks({ text, ending }: BodyPlan): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
  if (ending === 'fails') throw Reflect.construct(NodeRangeError, ['the disk is gone']);
  if (ending === 'never ends') await new Promise(() => {});
  yield Buffer.from(text);
}

function webStream(plan: BodyPlan): ReadableStream<Uint8Array> {
  const source = chunks(plan);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
  });
}
