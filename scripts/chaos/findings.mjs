import { nameOf } from './faults.mjs';

/** How much of what went before belongs to the story of a failed request. */
const STORY_MS = 5_000;

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
 * Whether the API accepted no token at all when it saw the request for the last time: the newest had just been revoked on
 * its way, or was too new. Then nothing could have helped but sending it a further time.
 */
export function wasOvertaken({ id, outcome }, { sends }) {
  const tries = sends.get(id) ?? [];
  const [previous, last] = tries.slice(-2);
  if (outcome !== 'HTTP 401' || !last) return false;
  const isFresh = last.token !== undefined && last.token.issuedAt >= previous.at;
  return isFresh && (last.problem === 'revoked' || last.problem === 'not known yet');
}

/** The slowest request of a process that was not frozen meanwhile. */
export function slowestMs({ requests, freezes }) {
  const wasFrozen = ({ process, sentAt, endedAt }) =>
    freezes.some((freeze) => freeze.process === process && freeze.from <= endedAt && freeze.to >= sentAt);
  return Math.max(0, ...requests.filter((request) => !wasFrozen(request)).map(({ sentAt, endedAt }) => endedAt - sentAt));
}

/** What happened around a failed request: faults, the library's events in that process, and what the API saw. */
export function storyOf(request, { startedAt, faults, fleet, hosts }) {
  const { id, url, process, sentAt, endedAt, outcome } = request;
  const seconds = (at) => `${((at - startedAt) / 1_000).toFixed(3)} s`;
  const isNear = (at, forMs = 0) => at + forMs >= sentAt - STORY_MS && at <= endedAt;
  const near = faults.filter(({ at, forMs }) => isNear(startedAt + at, forMs));
  const events = fleet.events.get(process).filter(({ at, event }) => isNear(at) && !isAboutAnother(event));
  return [
    `${id} (${new URL(url).pathname}): ${outcome} after ${endedAt - sentAt} ms`,
    ...[
      ...near.map((fault) => [startedAt + fault.at, `fault: ${nameOf(fault)}`]),
      ...events.map(({ at, event }) => [at, `event: ${shown(event)}`]),
      [sentAt, 'request sent'],
      ...(hosts.sends.get(id) ?? []).map(({ at, token, problem }) => [at, `API: token ${token?.number} ${problem ?? 'accepted'}`]),
      ...hosts.tokens.filter(({ issuedAt }) => isNear(issuedAt)).map((token) => [token.issuedAt, `token ${token.number} issued`]),
      ...hosts.revocations.filter((at) => isNear(at)).map((at) => [at, 'all tokens revoked']),
    ]
      .sort(([one], [other]) => one - other)
      .map(([at, what]) => `  ${seconds(at)}  ${what}`),
  ].join('\n');
}

/** Requests of five endpoints are under way at a time; those that were answered with a 401 and sent again say little. */
const isAboutAnother = ({ type }) => type === 'request.replayed';

const shown = ({ type, scope: _, hint: __, ...rest }) => `${type} ${JSON.stringify(rest)}`;
