/**
 * For authors of clients: what puts the token, its renewal and the one replay into any HTTP client. Describe the client
 * as an {@link HttpClient}, and run its requests through {@link exchangeOf}.
 *
 * @packageDocumentation
 */
export { readText } from './body.js';
export type { OpenBankingAuthErrorParts } from './errors.js';
export { invalidConfig } from './errors.js';
export type { AddedHeaders, Exchange, HttpClient, Refused } from './exchange.js';
export { exchangeOf } from './exchange-of.js';
export { authorizedFetch, type FetchSettings, isOneShot } from './fetch.js';
export { UNAUTHORIZED_BODY_LIMIT_BYTES } from './policy.js';
