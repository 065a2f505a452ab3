import type { PageRecord, SendRecord } from '../src/page/page-record.js';
import { byId, element } from './elements.js';
import { durationOf, grouped, kindOf, statusOf, timeOf } from './words.js';

/** What fits on some screens. */
const LONGEST = 60;

/** How far back an equal line is looked for, to be counted instead of repeated. */
const NEAR = 6;

interface Line {
  readonly key: string;
  readonly text: string;
  readonly style: '' | 'grave' | 'unauthorized';
  at: number;
  count: number;
  /** How many of these 401s were sent again, and how many of those were accepted. */
  replayed: number;
  healed: number;
  /** How many of them have not been sent again by the time a token request failed. */
  stranded: number;
}

/** A 401 that calls for another token, until it is sent again. */
interface Waiting {
  readonly line: Line;
  readonly lane: string;
  stranded: boolean;
}

/** What happened, in words, the latest first; equal lines are counted. */
export class Happenings {
  #lines: Line[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #changed = true;

  add(record: PageRecord): void {
    const words = wordsOf(record);
    if (record.kind === 'send' && record.follows !== undefined) this.#follow(record.follows, record.status);
    if (words === undefined) return;
    const [text, style] = words;
    const line = this.#count(`${style}${text}`, text, style, record.at);
    if (record.kind !== 'send') return;
    if (record.verdict === 'renew') this.#waiting.set(record.id, { line, lane: record.lane, stranded: false });
    if (record.host === 'token') this.#strand(record.lane);
    // The oldest: their lines are no longer shown.
    if (this.#waiting.size > 20_000) this.#waiting.clear();
  }

  show(): void {
    if (!this.#changed) return;
    this.#changed = false;
    byId('happenings', HTMLOListElement).replaceChildren(...this.#lines.map(itemOf));
  }

  #count(key: string, text: string, style: Line['style'], at: number): Line {
    this.#changed = true;
    const same = this.#lines.findIndex((line, index) => index < NEAR && line.key === key);
    const [line = { key, text, style, at, count: 0, replayed: 0, healed: 0, stranded: 0 }] =
      same < 0 ? [] : this.#lines.splice(same, 1);
    line.count += 1;
    line.at = Math.max(line.at, at);
    this.#lines.unshift(line);
    this.#lines.length = Math.min(this.#lines.length, LONGEST);
    return line;
  }

  #follow(id: number, status: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    const { line, stranded } = waiting;
    if (stranded) line.stranded -= 1;
    line.replayed += 1;
    if (status !== 401) line.healed += 1;
    this.#changed = true;
  }

  /** A token request has failed: until there is another one, nothing is sent again. */
  #strand(lane: string): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.stranded || waiting.lane !== lane) continue;
      waiting.stranded = true;
      waiting.line.stranded += 1;
    }
  }
}

function itemOf({ at, text, style, count, replayed, healed, stranded }: Line): HTMLElement {
  const item = element('li');
  const words = [count > 1 ? `${grouped(count)} × ${text}` : text];
  if (replayed > 0) {
    const outcome = healed === replayed ? 'accepted' : `${grouped(healed)} accepted`;
    words.push(count > 1 ? `${grouped(replayed)} sent again, ${outcome}.` : `Sent again: ${outcome}.`);
  }
  const shown = stranded > 0 ? 'grave' : style;
  if (stranded > 0) {
    const outcome = 'for lack of a new token: the token request failed.';
    words.push(count > 1 ? `${grouped(stranded)} not sent again, ${outcome}` : `Not sent again, ${outcome}`);
  }
  item.append(element('time', timeOf(at)), element('span', words.join(' '), shown === '' ? {} : { class: shown }));
  return item;
}

function wordsOf(record: PageRecord): [string, Line['style']] | undefined {
  const lane = 'lane' in record && record.lane !== '' ? `${record.lane}: ` : '';
  switch (record.kind) {
    case 'token': {
      const source = record.adopted ? 'taken from the store' : 'issued';
      const valid = `valid for ${durationOf(record.until - record.at)}`;
      return [`${lane}Token ${record.token} ${source}, ${valid}, for “${record.scope}”.`, ''];
    }
    case 'rejection':
      if (record.token === undefined) return [`All tokens were ${record.how} by this sandbox.`, 'unauthorized'];
      return undefined;
    case 'fault':
      return [`${record.on ? 'Fault begins' : 'Fault ends'}: ${record.name}.`, ''];
    case 'remark':
      return [`${lane}${record.words}`, 'grave'];
    case 'send':
      return sendWords(record, lane);
    case 'accepted':
      return undefined;
  }
}

function sendWords(send: SendRecord, lane: string): [string, Line['style']] | undefined {
  const { what, status, words, leak, verdict } = send;
  if (leak) return [`${what} brought a credential to the foreign host.`, 'grave'];
  const kind = kindOf(send);
  if (kind === 'ok') return undefined;
  const why = words === undefined ? '' : ` ${words}.`;
  const end = verdict === 'pass' ? ' The caller got this 401.' : '';
  const who = send.host === 'token' ? 'Token request' : what || 'A request';
  return [`${lane}${who}: ${statusOf(status)}.${why}${end}`, kind === 'unauthorized' ? 'unauthorized' : 'grave'];
}
