/** A request that reached the API host or the foreign host, unchanged. */
export interface RecordedRequest {
  readonly host: 'api' | 'foreign';
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names are in lower case, values unchanged, `authorization` included. Repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes of the body. Empty if there was none. */
  readonly body: Buffer;
  /** The common name of the connection's client certificate, if it had one. */
  readonly certificate?: string;
}

const MAX_REQUESTS = 10_000;
// A test that repeatedly uploads the largest body must not run out of memory.
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/** The latest requests, in the order in which they were complete. */
export class RecordedRequests {
  readonly list: RecordedRequest[] = [];
  #bytes = 0;

  add(request: RecordedRequest): void {
    this.list.push(request);
    this.#bytes += request.body.length;
    while (this.list.length > MAX_REQUESTS || this.#bytes > MAX_TOTAL_BYTES)
      this.#bytes -= this.list.shift()?.body.length ?? 0;
  }

  clear(): void {
    this.list.length = 0;
    this.#bytes = 0;
  }
}
