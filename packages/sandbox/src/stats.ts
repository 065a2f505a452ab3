import type { SandboxHost } from './host.js';

/** What has happened since the start or since `resetStats()`. Every figure is a count. */
export interface SandboxStats {
  /** Requests that reached the token host, whatever became of them. */
  readonly tokenRequests: number;
  /** Tokens issued for `client_credentials`. Those that end a consent (`authorization_code`) are not counted. */
  readonly tokensIssued: number;
  /** The same by scope, as it was asked for. */
  readonly tokensIssuedByScope: Readonly<Record<string, number>>;
  /** Requests that reached the API host, whatever became of them. */
  readonly apiRequests: number;
  /** Requests that the API host answered with a 2xx status. */
  readonly apiAccepted: number;
  /** Requests that the API host answered with 401, those of a fault included. */
  readonly unauthorized: number;
  /** Requests that reached the foreign host. */
  readonly foreignRequests: number;
  /** Those of them that carried an `Authorization` header: each is a token that went astray. */
  readonly foreignRequestsWithAuthorization: number;
  /** Requests to the token host that carried a bearer token, which has no business there. */
  readonly tokenRequestsWithBearer: number;
}

type Count = Exclude<keyof SandboxStats, 'tokensIssued' | 'tokensIssuedByScope'>;

export class StatsCounter {
  readonly #counts = new Map<Count, number>();
  readonly #tokensByScope = new Map<string, number>();

  /** To be called when the head of a request is there. */
  arrived(host: SandboxHost, authorization: string | undefined): void {
    this.#add(`${host}Requests`);
    if (host === 'foreign' && authorization !== undefined) this.#add('foreignRequestsWithAuthorization');
    if (host === 'token' && /\bbearer\b/i.test(authorization ?? '')) this.#add('tokenRequestsWithBearer');
  }

  answered(host: SandboxHost, status: number): void {
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
