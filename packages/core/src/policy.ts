/** Every number of the library's behaviour, with its unit and its reason. None of them is an option. */

/** One attempt of the token request. The platform answers in well under a second; 5 s is an outage. */
export const DEFAULT_TIMEOUT_MS = 5_000;

/** The longest `timeoutMs` that is accepted: past ten minutes it is a mistake of unit, not a setting. */
export const LONGEST_TIMEOUT_MS = 600_000;

/** All of a token request, the `clientSecret` function included: what a caller waits at the most. */
export const TOKEN_REQUEST_BUDGET_MS = 15_000;

/** A token answer without `expires_in` (RFC 6749 section 5.1 only recommends it): the platform documents one hour. */
export const DEFAULT_LIFETIME_MS = 3_600_000;

/** A lifetime above a day is not believed: a revoked or rotated credential should not live on for weeks. */
export const LONGEST_LIFETIME_MS = 86_400_000;

/** A token is renewed this long before its deadline, so that it does not run out on its way to the server. */
export const RENEW_BEFORE_MS = 30_000;

/** ... but never more than this share of its lifetime, so that a token of a few seconds can be used at all. */
export const RENEW_BEFORE_SHARE = 0.05;

/** A token answer is a few kilobytes; whatever is larger than this is not one. */
export const TOKEN_ANSWER_LIMIT_BYTES = 1_048_576;

/** Node refuses to send or read more than 16 KiB of headers in all, so a longer token could never be used. */
export const LONGEST_TOKEN_CHARACTERS = 8_192;

/** How much of a 401's body is looked at for a code. The documented bodies are under 1 KiB. */
export const UNAUTHORIZED_BODY_LIMIT_BYTES = 65_536;

/** How long a 401's body is waited for: one that trickles must not hold its caller up. */
export const UNAUTHORIZED_BODY_WAIT_MS = 1_000;
