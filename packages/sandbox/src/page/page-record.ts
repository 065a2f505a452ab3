/** Where a send went. */
export type SendHost = 'token' | 'api' | 'foreign';

/** A token, from its issue to its end. Times are milliseconds since the epoch. */
export interface TokenRecord {
  readonly kind: 'token';
  readonly at: number;
  /** The process, in a log; empty in a live sandbox. */
  readonly lane: string;
  /** The first 8 hex digits of its SHA-256. */
  readonly token: string;
  readonly scope: string;
  readonly until: number;
  /** Taken from the store: another process has requested it. */
  readonly adopted?: true;
}

/** The end of one token, or of all that were valid until then. */
interface RejectionRecord {
  readonly kind: 'rejection';
  readonly at: number;
  /** Only this one. */
  readonly token?: string;
  readonly how: 'revoked' | 'expired' | 'replaced after a 401';
}

/** One send and its response. */
export interface SendRecord {
  readonly kind: 'send';
  readonly id: number;
  readonly at: number;
  readonly endAt: number;
  readonly lane: string;
  readonly host: SendHost;
  /** Method and path; empty where the log does not have them. */
  readonly what: string;
  /** 0 for no response; 200 for one that was accepted, where the log has no status. */
  readonly status: number;
  readonly token?: string;
  /** What the library makes of a 401. */
  readonly verdict?: 'renew' | 'pass';
  readonly reason?: string;
  /** Why, in words. */
  readonly words?: string;
  /** The 401 that this send follows. */
  readonly follows?: number;
  /** It brought a credential to the foreign host. */
  readonly leak?: true;
}

/** A fault begins, or ends. */
export interface FaultRecord {
  readonly kind: 'fault';
  readonly at: number;
  readonly id: number;
  readonly on: boolean;
  readonly name: string;
  /** The button that switches it. */
  readonly button?: string;
}

/** Sends that succeeded, of which a log has only the number. */
export interface AcceptedRecord {
  readonly kind: 'accepted';
  readonly at: number;
  readonly from: number;
  readonly lane: string;
  readonly count: number;
}

/** Anything else worth a line. */
interface RemarkRecord {
  readonly kind: 'remark';
  readonly at: number;
  readonly lane: string;
  readonly words: string;
}

export type PageRecord = TokenRecord | RejectionRecord | SendRecord | FaultRecord | AcceptedRecord | RemarkRecord;

/** Counts since the start. */
export interface Figures {
  readonly requests: number;
  readonly unauthorized: number;
  /** 401s after which the same request succeeded with another token. */
  readonly healed: number;
  /** 401s that the caller got, by the verdict's reason. */
  readonly passed: Readonly<Record<string, number>>;
  /** 401s of requests that were sent again, and got another 401. */
  readonly inVain: number;
  readonly leaks: number;
  /** Lines of a log that were passed over. */
  readonly torn: number;
  readonly foreignLines: number;
}

/** A button of the page. */
export interface Button {
  readonly id: string;
  readonly group: string;
  readonly label: string;
  /** Stays pressed until it is pressed again; another one acts once. */
  readonly switches: boolean;
}

/** The first message of a stream. */
export interface Beginning {
  readonly mode: 'live' | 'log';
  /** The file's name, or what is running. */
  readonly title: string;
  readonly buttons: readonly Button[];
}
