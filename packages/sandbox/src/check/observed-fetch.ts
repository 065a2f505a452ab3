/**
 * A `fetch` that records what the library's errors leave out: host, error code and clock difference. All of it is safe
 * to print. Keeps no request and no body.
 */
export class ObservedFetch {
  /** The host of the last request. */
  host = '';
  /** The code of the last failure, such as `ENOTFOUND`. */
  failure: string | undefined;
  /** How far this machine's clock is ahead of the last server's, in milliseconds. */
  clockAheadMs: number | undefined;

  /** `stop` aborts pending requests. */
  constructor(private readonly stop: AbortSignal) {}

  readonly fetch: typeof fetch = (input, init) => this.#observe((url, options) => fetch(url, options), input, init);

  /** Another `fetch`, observed as well. */
  through(send: typeof fetch): typeof fetch {
    return (input, init) => this.#observe(send, input, init);
  }

  async #observe(send: typeof fetch, ...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    this.host = new URL(typeof input === 'object' && 'url' in input ? input.url : input).hostname;
    this.failure = undefined;
    try {
      const signals = [this.stop, ...(init?.signal ? [init.signal] : [])];
      const response = await send(input, { ...init, signal: AbortSignal.any(signals) });
      const serverTime = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(serverTime)) this.clockAheadMs = Date.now() - serverTime;
      return response;
    } catch (error) {
      this.failure = codeOf(error);
      throw error;
    }
  }
}

/** The innermost code: fetch wraps network errors, and several of them at once if a name has several addresses. */
function codeOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  const inner =
    'cause' in error ? error.cause : 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : null;
  const code = codeOf(inner, depth + 1) ?? ('code' in error ? error.code : undefined);
  return typeof code === 'string' && /^[A-Z\d_]{3,60}$/.test(code) ? code : undefined;
}
