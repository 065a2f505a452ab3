import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import bunyan from 'bunyan';
import pino from 'pino';
import { format as prettyFormat } from 'pretty-format';
import { createLogger, format, transports } from 'winston';
import { IN_FULL } from './in-full.js';

/** A member, or `undefined` where there is none or its getter throws. */
function fieldOf(value: unknown, name: string): unknown {
  try {
    return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON as a logger writes it: what refers back to itself is left out instead of being an error. */
function toJson(value: unknown): string {
  const above: unknown[] = [];
  const visit = function (this: unknown, _key: string, member: unknown) {
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (typeof member === 'bigint') return String(member);
    if (typeof member !== 'object' || member === null) return member;
    if (above.includes(member)) return '[circular]';
    above.push(member);
    return member;
  };
  return JSON.stringify({ value }, visit) ?? '';
}

function causesOf(value: unknown): unknown[] {
  const found: unknown[] = [];
  for (let next = [value]; next.length > 0 && found.length < 100; ) {
    next = next.flatMap((error) => [fieldOf(error, 'cause'), fieldOf(error, 'errors')].flat()).filter(Boolean);
    found.push(...next);
  }
  return found;
}

function consoleText(value: unknown): string {
  const out = new PassThrough();
  const printer = new Console({ stdout: out, stderr: out });
  printer.log(value);
  printer.error('%s %o %O %j', value, value, value, toJson(value));
  printer.dir(value);
  printer.trace(value);
  return String(out.read());
}

// The loggers that most applications have, each with ways of its own into an error: winston copies members, pino and bunyan
// have serializers for errors and requests, and pretty-format asks no object how it wants to be printed.

/** What the loggers below have written since it was emptied. */
const lines: string[] = [];
const sink = new PassThrough();
sink.on('data', (chunk) => lines.push(String(chunk)));
const write = (line: string) => void lines.push(line);

const WINSTON = createLogger({ transports: [new transports.Stream({ stream: sink })] });
const WINSTON_PRETTY = createLogger({
  format: format.combine(format.errors({ stack: true }), format.prettyPrint({ depth: 8 })),
  transports: [new transports.Stream({ stream: sink })],
});
const PINO = pino({}, { write });
const BUNYAN = bunyan.createLogger({
  name: 'sweep',
  serializers: bunyan.stdSerializers,
  streams: [{ stream: { write } as unknown as NodeJS.WritableStream }],
});

/** A logger that cannot print a value discloses nothing of it. */
function logged(value: unknown, log: (value: object) => void): string {
  lines.length = 0;
  try {
    log(typeof value === 'object' && value !== null ? value : { value });
  } catch {}
  for (let rest = sink.read(); rest !== null; rest = sink.read()) lines.push(String(rest));
  return lines.join('');
}

function prettyText(value: unknown): string {
  try {
    return prettyFormat(value, { maxDepth: 10, maxWidth: 200, printBasicPrototype: true });
  } catch (error) {
    return String(error);
  }
}

/** All that is enumerable, to a depth of 8, without asking anybody how it wants to be printed. */
function walked(value: unknown, depth: number, seen: Set<object>): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 8 || seen.has(value)) return '…';
  seen.add(value);
  const members = Object.keys(value).slice(0, 1_000);
  const message = value instanceof Error ? [value.name, value.message, value.stack] : [];
  return [...message, ...members.map((name) => [name, walked(fieldOf(value, name), depth + 1, seen)])];
}

/** Every way in which people print what they have. */
export const SINKS: Readonly<Record<string, (value: unknown) => string>> = {
  'String()': (value) => (Array.isArray(value) ? value.map(String).join() : String(value)),
  'inspect()': (value) => inspect(value),
  'inspect() to any depth': (value) => inspect(value, { depth: null, maxStringLength: null, maxArrayLength: null }),
  'inspect() of what is hidden': (value) =>
    inspect(value, { depth: 6, showHidden: true, getters: true, compact: false }),
  'JSON.stringify()': toJson,
  stack: (value) => String(fieldOf(value, 'stack')),
  'a spread copy': (value) => (typeof value === 'object' && value !== null ? inspect({ ...value }, { depth: 6 }) : ''),
  causes: (value) =>
    causesOf(value)
      .map((cause) => `${cause} ${inspect(cause, { depth: null })} ${toJson(cause)}`)
      .join(),
  'config and response': (value) =>
    ['config', 'response', 'options', 'request']
      .map((name) => fieldOf(value, name))
      .map((member) => inspect(member, { depth: 6 }) + toJson(member))
      .join(),
  console: consoleText,
  winston: (value) => logged(value, (log) => WINSTON.error(log)) + logged(value, (log) => WINSTON.error('failed', log)),
  'winston, pretty': (value) => logged({ error: value }, (log) => WINSTON_PRETTY.error('failed', log)),
  pino: (value) => logged(value, (log) => PINO.error(log)) + logged({ err: value, value }, (log) => PINO.error(log)),
  bunyan: (value) =>
    logged(value, (log) => BUNYAN.error(log)) +
    logged({ err: value, value, req: fieldOf(value, 'request') }, (log) => BUNYAN.error(log)),
  'pretty-format': prettyText,
  'a walk of own keys, as error trackers do it': (value) => JSON.stringify(walked(value, 0, new Set())) ?? '',
};

/** The ways for the nth of many searches. In full, each search has all of them; otherwise every second, the others the next time. */
export function sinksOf(nth: number, sinks = SINKS): [way: string, print: (value: unknown) => string][] {
  return Object.entries(sinks).filter((_, index) => IN_FULL || (index + nth) % 2 === 0);
}
