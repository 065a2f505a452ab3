import type { AxiosError, AxiosResponse } from 'axios';
import type { AxiosCall } from './axios-call.js';
import { readForm } from './form-response.js';

/** A 401 that `validateStatus` turned into an error: still a response, to be judged before it is thrown. */
export class ThrownResponse {
  constructor(
    readonly error: AxiosError,
    readonly response: AxiosResponse,
  ) {}
}

/** Hands a final response to axios as an adapter does: by returning it, or by throwing its error. */
export async function deliver(call: AxiosCall, response: AxiosResponse | ThrownResponse): Promise<AxiosResponse> {
  const { asksForForm, config } = call;
  const final = response instanceof ThrownResponse ? response.response : response;
  if (asksForForm && final.status === 401) await readForm(final, config);
  if (response instanceof ThrownResponse) throw response.error;
  return response;
}
