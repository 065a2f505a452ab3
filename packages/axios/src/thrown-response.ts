import type { AxiosError, AxiosResponse } from 'axios';

/** A 401 that `validateStatus` turned into an error: still a response, to be judged before it is thrown. */
export class ThrownResponse {
  constructor(
    readonly error: AxiosError,
    readonly response: AxiosResponse,
  ) {}
}

/** Hands a response to axios as an adapter does: by returning it, or by throwing its error. */
export function unwrap(response: AxiosResponse | ThrownResponse): AxiosResponse {
  if (response instanceof ThrownResponse) throw response.error;
  return response;
}
