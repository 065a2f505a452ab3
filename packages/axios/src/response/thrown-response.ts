import type { AxiosError, AxiosResponse } from 'axios';
import type { AxiosCall } from '../call/axios-call.js';
import { readForm } from './form-response.js';

/** A 401 that `validateStatus` turned into an error: still a response, to be judged before it is thrown. */
export class ThrownResponse {
  constructor(
    readonly error: AxiosError,
    readonly response: AxiosResponse,
  ) {}
}

/** Hands a final response to axios as an adapter does: by returning it, or by throwing its error. */
export async function deliver(
  call: AxiosCall,
  pending: Promise<AxiosResponse | ThrownResponse>,
): Promise<AxiosResponse> {
  let response: AxiosResponse | ThrownResponse;
  try {
    response = await pending;
  } catch (error) {
    call.closeUnsent();
    throw error;
  }
  if (call.asksForForm) return deliverForm(call, response);
  if (response instanceof ThrownResponse) throw response.error;
  return response;
}

async function deliverForm(call: AxiosCall, response: AxiosResponse | ThrownResponse): Promise<AxiosResponse> {
  const final = response instanceof ThrownResponse ? response.response : response;
  // Those of other statuses are read already.
  if (final.status === 401) await readForm(final, call.config);
  if (response instanceof ThrownResponse) throw response.error;
  return response;
}
