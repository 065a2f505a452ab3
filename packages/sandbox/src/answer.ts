/** What a host sends back. `note` is for the request log alone: a reason, never a token or a secret. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  readonly note?: string | undefined;
  /** The token in the body, if this issues one. */
  readonly issued?: string;
}

export function json(status: number, value: unknown, headers?: Answer['headers'], note?: string): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value),
    note,
  };
}

/** An error of the API host, in the shape that its OpenAPI gives. */
export function tppError(status: number, code: string, text: string, headers?: Answer['headers']): Answer {
  return json(status, { tppMessages: [{ category: 'ERROR', code, text }] }, headers, code);
}
