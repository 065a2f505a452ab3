/** What a token request needs, oauth4webapi included. Import it through `load.ts` only. */
export { getCredential } from './client-credential.js';
export { requestWithRetries } from './retry.js';
