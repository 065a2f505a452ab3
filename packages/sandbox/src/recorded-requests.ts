/** A request that reached the API host or the foreign host, as it came. */
export interface RecordedRequest {
  readonly host: 'api' | 'foreign';
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names are lower-cased, values as they came, that of `authorization` too. Repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes of the body. Empty if there was none. */
  readonly body: Buffer;
  /** The common name of the client certificate, if one came with the connection. */
  readonly certificate?: string;
}

const mostRequestsKept = 10_000;
// A test that uploads the largest body over and over must not run out of memory.
const mostBytesKept = 256 * 1024 * 1024;

/** The last requests, in the order in which they were complete. */
export class RecordedRequests {
  readonly list: RecordedRequest[] = [];
  #bytes = 0;

  add(request: RecordedRequest): void {
    this.list.push(request);
    this.#bytes += request.body.length;
    while (this.list.length > mostRequestsKept || this.#bytes > mostBytesKept)
      this.#bytes -= this.list.shift()?.body.length ?? 0;
  }

  clear(): void {
    this.list.length = 0;
    this.#bytes = 0;
  }
}
