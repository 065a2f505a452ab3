import type { SharedRejection } from './shared-rejection.js';

/** Thrown in place of a token request while another process's rejection holds. */
export class RejectedElsewhere extends Error {
  readonly rejection: SharedRejection;

  constructor(rejection: SharedRejection) {
    super('Another process was rejected');
    this.rejection = rejection;
  }
}
