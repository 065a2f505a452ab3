/** Every number of the library's behaviour, with its unit and its reason. Only the first is the default of an option. */

/** One attempt of the token request. The platform responds in well under a second; 5 s is an outage. */
export const DEFAULT_TIMEOUT_MS = 5_000;

/** The shortest `timeoutMs` that is accepted: a TLS handshake alone takes about this long, so less is a mistake of unit. */
export const SHORTEST_TIMEOUT_MS = 100;

/** The longest `timeoutMs` that is accepted: more than ten minutes is a mistake of unit, not a setting. */
export const LONGEST_TIMEOUT_MS = 600_000;

/** A whole token request, including the `clientSecret` function: the longest that a caller waits. */
export const TOKEN_REQUEST_BUDGET_MS = 15_000;

/** A token response without `expires_in` (RFC 6749 section 5.1 only recommends it): the platform documents one hour. */
export const DEFAULT_LIFETIME_MS = 3_600_000;

/** A lifetime above a day is capped: a revoked or rotated credential should not live on for weeks. */
export const LONGEST_LIFETIME_MS = 86_400_000;

/** How long before its deadline a token stops being sent, so that it does not expire on its way to the server. */
export const EXPIRY_MARGIN_MS = 30_000;

/** ... but never more than this share of its lifetime, so that a token of a few seconds can be used at all. */
export const EXPIRY_MARGIN_SHARE = 0.05;

/**
 * A token response is a few kilobytes; anything larger than this is something else. Whatever is in it is parsed within a few
 * milliseconds, so that no response holds up the process.
 */
export const TOKEN_RESPONSE_LIMIT_BYTES = 65_536;

/** Node refuses to send or read more than 16 KiB of headers in all: what is longer did not come from a server. */
export const LONGEST_HEADER_CHARACTERS = 16_384;

/** Half of that: a longer token could never be used. */
export const LONGEST_TOKEN_CHARACTERS = 8_192;

/** Scopes of a hundred words are shorter than this. An application can have one from its own callers. */
export const LONGEST_SCOPE_CHARACTERS = 8_192;

/** How much of a 401's body is searched for a code. The documented bodies are under 1 KiB. */
export const UNAUTHORIZED_BODY_LIMIT_BYTES = 65_536;

/**
 * A value in the store that is longer is not opened. The longest token with the longest scope, every character of them
 * escaped in JSON, is sealed as about 25,000 characters.
 */
export const LONGEST_SEALED_CHARACTERS = 32_768;

/**
 * How many scopes without a usable token a source remembers, with their cooldowns. Applications have a handful; one that
 * takes scopes from its own callers can meet any number. Between clean-ups there are at most twice as many.
 */
export const REMEMBERED_IDLE_SCOPES = 100;

/**
 * How many scopes a source holds in all, 2 to 3 kB each. Beyond that the longest unused are forgotten, and cost another token request if
 * they are used again. Only an authorization server that grants whatever it is asked for leads there.
 */
export const HELD_SCOPES = 5_000;

/** How long to wait for a 401's body: one that trickles must not hold its caller up. */
export const UNAUTHORIZED_BODY_WAIT_MS = 1_000;

/** A token in use is refreshed in the background from this long before its deadline ... */
export const REFRESH_WINDOW_MS = 120_000;

/** ... but never for more than this share of its lifetime. */
export const REFRESH_WINDOW_SHARE = 0.1;

/** Random delay of that moment, drawn once per token: processes that started together should not refresh together. */
export const REFRESH_JITTER_MS = 60_000;

/** ... but never more than this share of the window. */
export const REFRESH_JITTER_SHARE = 0.5;

/** Jitter always leaves this many request durations between a background refresh and the moment callers would block. */
export const REFRESH_ROOM_FACTOR = 2;

/** If the window is too short for that, a background refresh starts this many request durations before that moment. */
export const REFRESH_LEAD_FACTOR = 1.1;

/** ... but never before this share of the lifetime has passed, however slow the token endpoint is. */
export const EARLIEST_REFRESH_SHARE = 0.5;

/** After a failed background refresh the next one waits this long: the token in use is still good. */
export const REFRESH_RETRY_MS = 30_000;

/** When the server returns the same token again, or one about to expire: the next attempt comes after this long. */
export const SAME_TOKEN_RETRY_MS = 10_000;

/** How many times a token request is sent before it has failed. */
export const TOKEN_REQUEST_ATTEMPTS = 3;

/** Waits between the attempts, each shortened by up to half at random (equal jitter). */
export const ATTEMPT_BACKOFF_MS: readonly number[] = [1_000, 2_000];

/** After a transient failure of a token request, none is made for this long, times the factor for each further failure. */
export const FAILURE_COOLDOWN_MS = 1_000;
export const FAILURE_COOLDOWN_FACTOR = 1.6;
export const LONGEST_FAILURE_COOLDOWN_MS = 60_000;

/** After a rejection, which repetition does not cure, the cooldown is longer, and doubles. */
export const REJECTION_COOLDOWN_MS = 30_000;
export const REJECTION_COOLDOWN_FACTOR = 2;
export const LONGEST_REJECTION_COOLDOWN_MS = 300_000;

/** The longest `Retry-After` that is obeyed. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * A token that was fetched after a 401 and got a 401 itself, before anything accepted it, is not replaced before it is this
 * old, doubling with each further one: the API may just not know it yet, or be out of order for a moment.
 */
export const RENEWAL_COOLDOWN_MS = 1_000;

/** ... if no token of this scope was ever accepted, it starts with this: the configuration is wrong, which takes longer. */
export const UNPROVEN_RENEWAL_COOLDOWN_MS = 60_000;

export const RENEWAL_COOLDOWN_FACTOR = 2;

/** The longest such cooldown, without jitter. */
export const LONGEST_RENEWAL_COOLDOWN_MS = 900_000;

/**
 * A cooldown that starts with RENEWAL_COOLDOWN_MS is longer by a random share in this range. Processes then do not renew in
 * step, the first one is over within 2 s, and an API that stops accepting any token costs at most 12 tokens in an hour.
 */
export const SHORTEST_RENEWAL_JITTER = 0.3;
export const LONGEST_RENEWAL_JITTER = 0.6;

/**
 * An endpoint that answers 401 to a token which others accept may have met a revocation, or a token that it did not know
 * yet: so often its cooldown is short. After that it starts with ENDPOINT_COOLDOWN_MS.
 */
export const LENIENT_STRIKES = 2;
export const ENDPOINT_COOLDOWN_MS = 60_000;

/** In that cooldown, this many 401s in a row from other endpoints lead to a renewal all the same; doubles too. */
export const UNAUTHORIZED_IN_A_ROW = 5;

/** How many endpoints are remembered while that goes on. */
export const REMEMBERED_ENDPOINTS = 64;

/** In a cooldown for a rejected secret: how long a caller waits for the `clientSecret` function to return another one. */
export const SECRET_CHECK_MS = 1_000;

/** An idle connection of a client certificate's agent is closed after this: the figure of Node's own global agent. */
export const IDLE_CONNECTION_MS = 5_000;

/** One operation of the store. Redis responds within a millisecond or two; beyond this, a token request is as quick. */
export const STORE_TIMEOUT_MS = 250;

/** That time is counted in turns of the event loop of this length: a process that is busy itself does not time a store out. */
export const STORE_TIMEOUT_SLICE_MS = 25;

/** How long a caller waits until its new token is in the store, and the lock released. */
export const STORE_WRITE_PATIENCE_MS = 100;

/** After the store has failed, one operation probes it after this long, doubling while it fails. */
export const STORE_COOLDOWN_MS = 1_000;
export const LONGEST_STORE_COOLDOWN_MS = 10_000;

/** While token requests or renewals cool down, how often the store is checked for a token that another process got meanwhile. */
export const STORE_RECHECK_MS = 1_000;

/** How much longer than the longest token request a lock holds: the token still has to be written. */
export const LOCK_MARGIN_MS = 5_000;

/** Waiters for the lock check again after a random delay in this range: soon, but not all at the same moment. */
export const SHORTEST_LOCK_POLL_MS = 50;
export const LONGEST_LOCK_POLL_MS = 250;

/**
 * After this long, waiters assume that the lock holder has died and one of them takes over. All are served within 11 s on a
 * busy machine too, and the successor still has a full 5 s attempt within the 15 s budget.
 */
export const LOCK_PATIENCE_MS = 9_000;

/** How long the others wait for the successor. The rest of the 15 s is for a request of their own. */
export const SUCCESSOR_PATIENCE_MS = 3_000;

/** A file of the file store holds a sealed token of about 12,000 characters at most; anything larger is something else. */
export const STORE_FILE_LIMIT_BYTES = 65_536;

/** A temporary file of the file store is renamed at once. One this old was left behind. */
export const TEMPORARY_FILE_MS = 60_000;

/** A file that seems to be from the future by more than this is of no use: the clock was set back since. */
export const LONGEST_CLOCK_STEP_MS = 60_000;

/** How many files are looked at for leftovers whenever a token is written: it is waited for. */
export const SWEPT_FILES = 20;
