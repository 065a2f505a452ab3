import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { deferred, until } from './token-endpoint.js';

/** The sandbox of the test that runs. */
export let sandbox: Sandbox;
/** The address of its list of banks. */
export let banks: string;
/** An address of its API that answers any method and body. */
export let echo: string;

/** The Authorization headers that have arrived at its API. */
export const authorizations = () => sandbox.requests.map(({ headers }) => headers.authorization);

/** Resolves when so many token requests have arrived. */
export const tokenRequested = (times = 1) => until(() => sandbox.stats().tokenRequests >= times);

/** Its configuration, but the token arrives when the test says so. */
export function heldBack() {
  const { promise, give } = deferred<void>();
  const config = {
    ...sandbox.config,
    async fetch(url: string | URL | Request, init?: RequestInit) {
      const response = await fetch(url, init);
      await promise;
      return response;
    },
  };
  return { config, give };
}

/** Each test of the file or `describe` has a sandbox of its own: {@link sandbox}. */
export function sandboxForEachTest(): void {
  beforeEach(async () => {
    sandbox = await startSandbox();
    banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;
    echo = `${sandbox.apiUrl}/echo`;
  });
  afterEach(() => sandbox.close());
}
