import type { AxiosError, AxiosResponse } from 'axios';

/** A 401 that `validateStatus` turned into an error: an answer all the same, to be judged before it is thrown. */
export class Refusal {
  constructor(
    readonly error: AxiosError,
    readonly response: AxiosResponse,
  ) {}
}
