import type { SendRecord } from '../src/page/page-record.js';
import type { Model } from './model.js';

const REASONS: Readonly<Record<string, string>> = {
  already_replayed: 'a new token got a 401 too',
  other_origin: 'from another origin',
  renewal_paused: 'new tokens did not help before',
  body_not_repeatable: 'the body was a stream',
  challenge_other_error: 'another error than the token',
  challenge_other_scheme: 'not a bearer token',
  wrong_path_or_environment: 'wrong path or environment',
  names_other_cause: 'for a cause other than the token',
  no_token: 'sent without a token',
};

/** A verdict's reason in a few words. */
export const reasonWords = (reason: string): string => REASONS[reason] ?? reason;

const HOSTS = { token: 'the token host', api: 'the API', foreign: 'the foreign host' } as const;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const timeOf = (at: number): string => clock.format(at);

export const grouped = (count: number): string => count.toLocaleString('en-GB');

export const durationOf = (ms: number): string =>
  ms < 1_000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;

export const kindOf = ({ status, host, verdict }: SendRecord): 'ok' | 'unauthorized' | 'failed' =>
  status === 401 && host === 'api' && verdict !== 'pass'
    ? 'unauthorized'
    : status >= 200 && status < 400
      ? 'ok'
      : 'failed';

export const statusOf = (status: number): string => (status === 0 ? 'no response' : `HTTP ${status}`);

/** A request, and what became of it. */
export function sentenceOf(send: SendRecord, model: Model): string {
  const { host, what, status, at, endAt, token, words, lane, follows, leak } = send;
  const parts = [`${lane === '' ? '' : `${lane}: `}${what || 'A request'}`, `to ${HOSTS[host]}: ${statusOf(status)}`];
  if (endAt > at) parts.push(`in ${durationOf(endAt - at)}`);
  if (token !== undefined) parts.push(host === 'token' ? `issued token ${token}` : `with token ${token}`);
  const sentences = [`${parts.join(' ')}.`];
  if (leak) sentences.push('It brought a credential to the foreign host.');
  if (words !== undefined && status !== 200) sentences.push(`${words}.`);
  const follower = model.followers.get(send.id);
  if (follower) sentences.push(followed(follower, endAt));
  if (follows !== undefined) sentences.push('It was sent again after a 401.');
  return sentences.join(' ');
}

function followed({ status, token, at }: SendRecord, after: number): string {
  return `Sent again ${durationOf(Math.max(0, at - after))} later with token ${token}: ${statusOf(status)}.`;
}
