/** The response of a host. `note` goes to the request log only: it gives a reason, never a token or a secret. */
export interface HostResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  readonly note?: string | undefined;
  /** The token that this response issues, if any. */
  readonly issued?: string;
}

export function json(status: number, value: unknown, headers?: HostResponse['headers'], note?: string): HostResponse {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value),
    note,
  };
}

/** An error of the API host, in the shape of the platform's OpenAPI documents. */
export function tppError(status: number, code: string, text: string, headers?: HostResponse['headers']): HostResponse {
  return json(status, { tppMessages: [{ category: 'ERROR', code, text }] }, headers, code);
}
