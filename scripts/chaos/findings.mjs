import { nameOf } from './faults.mjs';

/** How much of what went before belongs to the story of a failed request. */
const STORY_MS = 5_000;
/** Failed requests of one process that follow each other this closely have one story. */
const SAME_STORY_MS = 1_000;
/** The first two cooldowns of renewals take up to 1.6 s and 3.2 s from the start of the token request. */
const COOLDOWN_MS = 3_500;

/**
 * The fewest tokens that the whole fleet could have used: one at the start, one whenever those that were alive have been
 * revoked, and one whenever the last is `usableMs` old.
 */
export function fewestTokens({ from, to, revocations, usableMs }) {
  let tokens = 0;
  let freshUntil = from;
  for (const moment of [...revocations, to]) {
    for (; freshUntil <= moment; freshUntil += usableMs) tokens++;
    if (moment === to) break;
    tokens++;
    freshUntil = moment + usableMs;
  }
  return tokens;
}

export const isFailed = ({ outcome }) => outcome !== 'HTTP 200';

/**
 * Whether a revocation overtook the request, or the API did not know its token yet. That of its last send
 * - was revoked while the request was under way, so that it had been good when the request set out; or
 * - had not been accepted from anybody before it was revoked. Nobody can tell that from an API that rejects every token, so
 *   a cooldown of renewals is the price. Once that must be over, it is no excuse.
 */
export function wasOvertaken({ id, outcome, sentAt }, { sends }) {
  const last = sends.get(id)?.at(-1);
  if (outcome !== 'HTTP 401' || !last?.token) return false;
  const { issuedAt, acceptedAt = Number.POSITIVE_INFINITY, revokedAt = 0 } = last.token;
  return revokedAt >= sentAt || (acceptedAt > last.at && last.at - issuedAt < COOLDOWN_MS);
}

/** The slowest request of a process that was not frozen meanwhile. */
export function slowestMs({ requests, freezes }) {
  const wasFrozen = ({ process, sentAt, endedAt }) =>
    freezes.some((freeze) => freeze.process === process && freeze.from <= endedAt && freeze.to >= sentAt);
  return Math.max(
    0,
    ...requests.filter((request) => !wasFrozen(request)).map(({ sentAt, endedAt }) => endedAt - sentAt),
  );
}

/** The first of each row of failures in one process. */
export function firstOfEach(failed) {
  const last = new Map();
  return failed.filter(({ process, sentAt }) => {
    const isFirst = sentAt - (last.get(process) ?? 0) > SAME_STORY_MS;
    last.set(process, sentAt);
    return isFirst;
  });
}

/** What happened around a failed request: faults, the library's events in that process, and what the API saw. */
export function storyOf(request, { startedAt, faults, fleet, hosts }) {
  const { id, url, process, sentAt, endedAt, outcome } = request;
  const seconds = (at) => `${((at - startedAt) / 1_000).toFixed(3)} s`;
  const isNear = (at, forMs = 0) => at + forMs >= sentAt - STORY_MS && at <= endedAt;
  const near = faults.filter(({ at, forMs }) => isNear(startedAt + at, forMs));
  const events = fleet.events.get(process).filter(({ at, event }) => isNear(at) && event.type !== 'request.replayed');
  return [
    `${id} (${new URL(url).pathname}): ${outcome} after ${endedAt - sentAt} ms`,
    ...[
      ...near.map((fault) => [startedAt + fault.at, `fault: ${nameOf(fault)}`]),
      ...events.map(({ at, event }) => [at, `event: ${shown(event)}`]),
      [sentAt, 'request sent'],
      ...(hosts.sends.get(id) ?? []).map(({ at, token, problem }) => [
        at,
        `API: token ${token?.number} ${problem ?? 'accepted'}`,
      ]),
      ...hosts.tokens
        .filter(({ issuedAt }) => isNear(issuedAt))
        .map((token) => [token.issuedAt, `token ${token.number} issued`]),
      ...hosts.revocations.filter((at) => isNear(at)).map((at) => [at, 'all tokens revoked']),
    ]
      .sort(([one], [other]) => one - other)
      .map(([at, what]) => `  ${seconds(at)}  ${what}`),
  ].join('\n');
}

const shown = ({ type, scope: _, hint: __, requestId: ___, ...rest }) => `${type} ${JSON.stringify(rest)}`;
