import { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { AxiosCall } from '../call/axios-call.js';
import { readForm } from './form-response.js';

/** A 401 that the caller's `validateStatus` turns into an error: still a response, to be judged before it is thrown. */
export class ThrownResponse {
  readonly response: AxiosResponse;
  #error: AxiosError | undefined;

  constructor(response: AxiosResponse, error?: AxiosError) {
    this.response = response;
    this.#error = error;
  }

  /** Made as axios makes it, if axios has not made it; of a response that is sent again, nobody needs one. */
  get error(): AxiosError {
    const { response } = this;
    this.#error ??= new AxiosError(
      `Request failed with status code ${response.status}`,
      AxiosError.ERR_BAD_REQUEST,
      response.config,
      response.request,
      response,
    );
    return this.#error;
  }
}

/** Runs a request, and hands its final response to axios as an adapter does: by returning it, or by throwing its error. */
export async function deliver(
  config: InternalAxiosRequestConfig,
  run: (call: AxiosCall) => Promise<AxiosResponse | ThrownResponse>,
): Promise<AxiosResponse> {
  const call = new AxiosCall(config);
  let response: AxiosResponse | ThrownResponse;
  try {
    response = await run(call);
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
