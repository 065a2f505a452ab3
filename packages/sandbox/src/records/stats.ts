import type { SandboxHost } from '../hosts/host.js';

/** Counts since the start or the last `resetStats()`. */
export interface SandboxStats {
  /** Requests that reached the token host, whatever the outcome. */
  readonly tokenRequests: number;
  /** Tokens issued for `client_credentials`. Those that finalise a consent (`authorization_code`) are not counted. */
  readonly tokensIssued: number;
  /** `tokensIssued` by scope, with the scope exactly as requested. */
  readonly tokensIssuedByScope: Readonly<Record<string, number>>;
  /** Requests that reached the API host, whatever the outcome. */
  readonly apiRequests: number;
  /** Requests that got a 2xx response from the API host. */
  readonly apiAccepted: number;
  /** Requests that got a 401 from the API host, including those caused by a fault. */
  readonly unauthorized: number;
  /** Requests that reached the foreign host. */
  readonly foreignRequests: number;
  /** Requests to the foreign host with an `Authorization` header: each of them leaked a credential. */
  readonly foreignRequestsWithAuthorization: number;
  /** Requests to the token host with a bearer token, which does not belong there. */
  readonly tokenRequestsWithBearer: number;
}

type Count = Exclude<keyof SandboxStats, 'tokensIssued' | 'tokensIssuedByScope'>;

export class StatsCounter {
  readonly #counts = new Map<Count, number>();
  readonly #tokensByScope = new Map<string, number>();

  requestArrived(host: SandboxHost, authorization: string | undefined): void {
    this.#add(`${host}Requests`);
    if (host === 'foreign' && authorization !== undefined) this.#add('foreignRequestsWithAuthorization');
    if (host === 'token' && /\bbearer\b/i.test(authorization ?? '')) this.#add('tokenRequestsWithBearer');
  }

  responseSent(host: SandboxHost, status: number): void {
    if (host !== 'api') return;
    if (status >= 200 && status < 300) this.#add('apiAccepted');
    if (status === 401) this.#add('unauthorized');
  }

  tokenIssued(scope: string): void {
    this.#tokensByScope.set(scope, (this.#tokensByScope.get(scope) ?? 0) + 1);
  }

  reset(): void {
    this.#counts.clear();
    this.#tokensByScope.clear();
  }

  snapshot(): SandboxStats {
    return {
      tokenRequests: this.#count('tokenRequests'),
      tokensIssued: [...this.#tokensByScope.values()].reduce((sum, issued) => sum + issued, 0),
      tokensIssuedByScope: Object.fromEntries(this.#tokensByScope),
      apiRequests: this.#count('apiRequests'),
      apiAccepted: this.#count('apiAccepted'),
      unauthorized: this.#count('unauthorized'),
      foreignRequests: this.#count('foreignRequests'),
      foreignRequestsWithAuthorization: this.#count('foreignRequestsWithAuthorization'),
      tokenRequestsWithBearer: this.#count('tokenRequestsWithBearer'),
    };
  }

  #add(name: Count): void {
    this.#counts.set(name, this.#count(name) + 1);
  }

  #count(name: Count): number {
    return this.#counts.get(name) ?? 0;
  }
}
