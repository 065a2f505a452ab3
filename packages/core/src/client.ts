/**
 * For authors of clients: puts the token, its renewal and the one replay into any HTTP client. Describe the client as a
 * {@link ClientAdapter}, and run its requests through {@link bearerAuthOf}.
 *
 * @packageDocumentation
 */
export type { BearerAuth, Unauthorized } from './bearer/bearer-auth.js';
export type { AddedHeaders, ClientAdapter } from './bearer/client-adapter.js';
export { ownAuthorization } from './bearer/own-authorization.js';
export { judgeUnauthorized, VERDICT_HINTS } from './bearer/verdict.js';
export { credentialDoubts } from './config/credential-doubts.js';
export { likelyName } from './config/likely-name.js';
export { throwOnRead } from './config/misuse.js';
export { assertNodeVersion } from './config/node-version.js';
export { assertOptions } from './config/option.js';
export type { OpenBankingAuthErrorParts } from './errors.js';
export { invalidConfig } from './errors.js';
export { type AuthorizedSender, authorizedFetch, authorizedSender, type FetchSettings } from './fetch.js';
export { UNAUTHORIZED_BODY_LIMIT_BYTES, UNAUTHORIZED_BODY_WAIT_MS } from './policy.js';
export { bearerAuthOf } from './token-source.js';
export { copyBody, isOneShot, onFailure, readText } from './web/body.js';
