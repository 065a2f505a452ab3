import type { AxiosError, AxiosResponse } from 'axios';

/** A 401 that `validateStatus` turned into an error: an answer all the same, to be judged before it is thrown. */
export class Refusal {
  constructor(
    readonly error: AxiosError,
    readonly response: AxiosResponse,
  ) {}
}

/** What an adapter gives to axios: the response, or the error thrown. */
export function unwrapped(answer: AxiosResponse | Refusal): AxiosResponse {
  if (answer instanceof Refusal) throw answer.error;
  return answer;
}
