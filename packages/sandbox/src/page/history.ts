import type { Figures, PageRecord, SendRecord } from './page-record.js';

/** About as many as a page can show, and 2 MB. */
const MAX_SENDS = 10_000;

/** Tokens, faults and remarks are rare, and last longer. */
const MAX_OTHERS = 2_000;

/** What the page shows: the latest records, and counts since the start. */
export class History {
  #sends: PageRecord[] = [];
  #others: PageRecord[] = [];
  readonly #figures = { requests: 0, unauthorized: 0, healed: 0, inVain: 0, leaks: 0, torn: 0, foreignLines: 0 };
  readonly #passed = new Map<string, number>();
  readonly #listeners = new Set<(record: PageRecord) => void>();

  add(record: PageRecord): void {
    const list = record.kind === 'send' || record.kind === 'accepted' ? this.#sends : this.#others;
    list.push(record);
    this.#count(record);
    for (const listener of this.#listeners) listener(record);
    // Not one by one, which would move the whole list for each.
    if (this.#sends.length > MAX_SENDS * 1.2) this.#sends = this.#sends.slice(-MAX_SENDS);
    if (this.#others.length > MAX_OTHERS * 1.2) this.#others = this.#others.slice(-MAX_OTHERS);
  }

  passOver(lines: 'torn' | 'foreignLines', count: number): void {
    this.#figures[lines] += count;
  }

  get records(): readonly PageRecord[] {
    return [...this.#others, ...this.#sends];
  }

  get figures(): Figures {
    return { ...this.#figures, passed: Object.fromEntries(this.#passed) };
  }

  /** Returns a function that ends it. */
  subscribe(listener: (record: PageRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #count(record: PageRecord): void {
    if (record.kind === 'accepted') this.#figures.requests += record.count;
    if (record.kind === 'send' && record.host !== 'token') this.#countSend(record);
  }

  #countSend({ status, follows, verdict, reason = 'unexplained', leak }: SendRecord): void {
    const figures = this.#figures;
    figures.requests += 1;
    if (leak) figures.leaks += 1;
    if (follows !== undefined) figures[status === 401 ? 'inVain' : 'healed'] += 1;
    if (status !== 401) return;
    figures.unauthorized += 1;
    if (verdict === 'pass') this.#passed.set(reason, (this.#passed.get(reason) ?? 0) + 1);
  }
}
