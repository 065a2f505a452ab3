/** Every number of the library's behaviour, with its unit and its reason. Only the first is the default of an option. */

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

/** A token in use is renewed in the background from this long before its deadline ... */
export const REFRESH_AHEAD_MS = 120_000;

/** ... but never for more than this share of its lifetime. */
export const REFRESH_AHEAD_SHARE = 0.1;

/** Delay of that moment, drawn once per token: processes that started together should not renew together. */
export const REFRESH_JITTER_MS = 60_000;

/** ... but never more than this share of the window. */
export const REFRESH_JITTER_SHARE = 0.5;

/** Chance leaves room for this many times the last request's duration before callers would have to wait, in the window. */
export const REFRESH_ROOM_FACTOR = 2;

/** Where the window is too short for that, a background refresh starts this many times the duration before that moment. */
export const REFRESH_LEAD_FACTOR = 1.1;

/** ... but never before this share of the lifetime has passed, however slow the token endpoint is. */
export const EARLIEST_REFRESH_SHARE = 0.5;

/** After a background refresh that failed, the next one waits this long: the token in use is still good. */
export const REFRESH_RETRY_MS = 30_000;

/** When the server hands out the same token again, or one about to run out: no new try for this long. */
export const SAME_TOKEN_RETRY_MS = 10_000;

/** How often a token request is sent at most before it has failed. */
export const TOKEN_REQUEST_ATTEMPTS = 3;

/** Waits between the attempts, each shortened by up to half at random (equal jitter). */
export const ATTEMPT_BACKOFF_MS: readonly number[] = [1_000, 2_000];

/** After a token request failed for a passing reason, none is made for this long, times a factor each further time. */
export const FAILURE_PAUSE_MS = 1_000;
export const FAILURE_PAUSE_FACTOR = 1.6;
export const LONGEST_FAILURE_PAUSE_MS = 60_000;

/** After a refusal, which a repetition does not mend, the pause is longer, and doubles. */
export const REFUSAL_PAUSE_MS = 30_000;
export const REFUSAL_PAUSE_FACTOR = 2;
export const LONGEST_REFUSAL_PAUSE_MS = 300_000;

/** The longest `Retry-After` that is believed. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** After a renewal that did not help, 401s are passed on for this long, doubling with each further one. */
export const RENEWAL_PAUSE_MS = 60_000;
export const RENEWAL_PAUSE_FACTOR = 2;
export const LONGEST_RENEWAL_PAUSE_MS = 900_000;

/** In that pause, a token that had been accepted and is refused this often in a row is renewed all the same; doubles too. */
export const REFUSALS_IN_A_ROW = 5;

/** In a pause for a refused secret, how long a caller waits for the `clientSecret` function to say whether there is another. */
export const SECRET_CHECK_MS = 1_000;

/** An idle connection of a client certificate's agent is closed after this: the figure of Node's own global agent. */
export const IDLE_CONNECTION_MS = 5_000;

/** One operation of the store. Redis answers within a millisecond or two; past this, a token request is as quick. */
export const STORE_TIMEOUT_MS = 250;

/** After the store has failed, it is not asked for this long. */
export const STORE_PAUSE_MS = 10_000;

/** While token requests are paused, how often the store is asked whether another process has got a token by now. */
export const STORE_LOOK_MS = 1_000;

/** How much longer than a token request at its longest a lock holds: the token has still to be written. */
export const LOCK_MARGIN_MS = 5_000;

/** Who does not get the lock looks again after a random wait in this range: quick, but not all at the same moment. */
export const SHORTEST_LOCK_POLL_MS = 50;
export const LONGEST_LOCK_POLL_MS = 250;

/**
 * How long that goes on before the holder of the lock is taken for dead, and one of those who wait takes its place: so that
 * all are served within 11 s on a busy machine too, and that one has still time for a whole attempt (5 s) of the 15 s.
 */
export const LOCK_PATIENCE_MS = 9_000;

/** How long the others wait for that one. What is then left of the 15 s is for a request of their own. */
export const SUCCESSOR_PATIENCE_MS = 3_000;
