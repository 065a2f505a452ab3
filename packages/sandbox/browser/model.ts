import type { AcceptedRecord, FaultRecord, PageRecord, SendRecord, TokenRecord } from '../src/page/page-record.js';

export interface TokenBar extends TokenRecord {
  /** When it ended, if that was before `until`. */
  cutAt?: number;
  how?: string;
}

export interface FaultSpan extends FaultRecord {
  endAt?: number;
}

/** As the server keeps; the page trims at more, so that it need not do it for each record. */
const MAX_SENDS = 10_000;

/** Everything that the timeline shows. */
export class Model {
  tokens: TokenBar[] = [];
  sends: SendRecord[] = [];
  faults: FaultSpan[] = [];
  accepted: AcceptedRecord[] = [];
  /** The processes of a log, in the order of their first records. */
  readonly lanes = new Set<string>();
  readonly byId = new Map<number, SendRecord>();
  /** The send that followed a 401, by the 401's id. */
  readonly followers = new Map<number, SendRecord>();
  /** The token request that issued a token. */
  readonly issues = new Map<string, SendRecord>();
  firstAt = Number.POSITIVE_INFINITY;
  lastAt = 0;

  add(record: PageRecord): void {
    const end = record.kind === 'send' ? record.endAt : record.at;
    this.firstAt = Math.min(this.firstAt, record.at);
    this.lastAt = Math.max(this.lastAt, end);
    if ('lane' in record) this.lanes.add(record.lane);
    switch (record.kind) {
      case 'send':
        this.#addSend(record);
        break;
      case 'token':
        this.tokens.push({ ...record });
        break;
      case 'rejection':
        this.#reject(record.at, record.how, record.token);
        break;
      case 'fault':
        this.#switch(record);
        break;
      case 'accepted':
        this.accepted.push(record);
        if (this.accepted.length > MAX_SENDS) this.accepted.splice(0, MAX_SENDS / 5);
        break;
      case 'remark':
        break;
    }
  }

  tokensSince(at: number): number {
    return this.tokens.filter((token) => !token.adopted && token.at > at).length;
  }

  #addSend(send: SendRecord): void {
    this.sends.push(send);
    this.byId.set(send.id, send);
    if (send.follows !== undefined) this.followers.set(send.follows, send);
    if (send.host === 'token' && send.token !== undefined) this.issues.set(send.token, send);
    if (this.sends.length <= MAX_SENDS * 1.2) return;
    for (const { id } of this.sends.splice(0, this.sends.length - MAX_SENDS)) {
      this.byId.delete(id);
      this.followers.delete(id);
    }
  }

  #reject(at: number, how: string, token: string | undefined): void {
    for (const bar of this.tokens) {
      if (token !== undefined && bar.token !== token) continue;
      if (bar.at > at || bar.until <= at || bar.cutAt !== undefined) continue;
      bar.cutAt = at;
      bar.how = how;
    }
  }

  #switch(record: FaultRecord): void {
    if (record.on) this.faults.push({ ...record });
    else {
      const span = this.faults.findLast(({ id }) => id === record.id);
      if (span) span.endAt = record.at;
    }
  }
}
