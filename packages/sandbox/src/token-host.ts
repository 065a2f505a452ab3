import { type Answer, json } from './answer.js';
import type { HostRequest } from './host.js';
import { freshToken, type IssuedTokens } from './issued-tokens.js';
import { knownScopes, type SandboxClient } from './options.js';
import type { StatsCounter } from './stats.js';

export const tokenPath = '/connect/token';

interface TokenHost {
  readonly clients: readonly SandboxClient[];
  readonly lifetimeSeconds: number;
  readonly tokens: IssuedTokens;
  readonly stats: StatsCounter;
}

const uncached = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** The token endpoint. */
export function answerTokenRequest(request: HostRequest, host: TokenHost): Answer {
  if (request.path !== tokenPath) return { status: 404, note: `the token URL is ${tokenPath}` };
  if (request.method !== 'POST') return { status: 405, headers: { Allow: 'POST' } };
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded')
    return refusal('invalid_request', 'the content type is not application/x-www-form-urlencoded');

  const form = new URLSearchParams(request.body.toString());
  const twice = [...form.keys()].find((name) => form.getAll(name).length > 1);
  if (twice !== undefined) return refusal('invalid_request', 'a parameter was sent twice');
  const grantType = form.get('grant_type');
  if (!grantType) return refusal('invalid_request', 'grant_type is missing');

  const client = authenticate(request, form, host.clients);
  if ('status' in client) return client;
  if (grantType === 'authorization_code') return finaliseConsent(form, host.lifetimeSeconds);
  if (grantType !== 'client_credentials')
    return refusal('unsupported_grant_type', 'only client_credentials and authorization_code are known');
  return issueToken(form.get('scope'), client, host);
}

function issueToken(scope: string | null, client: SandboxClient, host: TokenHost): Answer {
  if (!scope) return refusal('invalid_request', 'scope is missing');
  const mistake = scopeMistake(new Set(scope.split(' ').filter(Boolean)), client.scopes ?? knownScopes);
  if (mistake) return refusal('invalid_scope', mistake);

  const token = host.tokens.issue(scope, host.lifetimeSeconds);
  host.stats.tokenIssued(scope);
  return tokenAnswer(token, host.lifetimeSeconds, { scope }, `token issued for: ${scope}`);
}

function scopeMistake(words: ReadonlySet<string>, allowed: readonly string[]): string | undefined {
  const contexts = ['private', 'corporate'].filter((context) => words.has(context));
  if (contexts.length !== 1) return 'exactly one of private and corporate is needed';
  const apiScopes = [...words].filter((word) => !contexts.includes(word));
  if (apiScopes.length === 0) return 'an API scope is needed beside the context';
  // A word that nobody knows may be anything, so it is not repeated in the log.
  if (apiScopes.some((word) => !allowed.includes(word))) return 'a scope is unknown, or not for this client';
  if (words.has('bankgiroinformation') && !words.has('accountinformation'))
    return 'bankgiroinformation needs accountinformation';
  return undefined;
}

// Ends a consent or a payment in which the user was redirected. The platform's API takes this token for no call.
function finaliseConsent(form: URLSearchParams, lifetimeSeconds: number): Answer {
  if (!form.get('code')) return refusal('invalid_request', 'code is missing');
  return tokenAnswer(freshToken(), lifetimeSeconds, {}, 'consent finalised; its token is not for API calls');
}

function tokenAnswer(token: string, lifetimeSeconds: number, rest: { scope?: string }, note: string): Answer {
  const body = { access_token: token, expires_in: lifetimeSeconds, token_type: 'Bearer', ...rest };
  return { ...json(200, body, uncached, note), issued: token };
}

function refusal(error: string, why: string): Answer {
  return json(400, { error }, uncached, `${error}: ${why}`);
}

function authenticate(
  request: HostRequest,
  form: URLSearchParams,
  clients: readonly SandboxClient[],
): SandboxClient | Answer {
  const [scheme, encoded = ''] = request.headers.authorization?.split(' ') ?? [];
  const basic = scheme?.toLowerCase() === 'basic';
  if (basic && form.has('client_secret'))
    return refusal('invalid_request', 'the client secret came twice, in the header and in the body');
  const [id, secret] = basic ? basicCredentials(encoded) : [form.get('client_id'), form.get('client_secret')];
  if (!id || !secret) return refusal('invalid_request', 'client_id or client_secret is missing');
  const client = clients.find(({ clientId }) => clientId === id);
  if (!client) return refusal('invalid_client', 'the client id is unknown');
  if (client.clientSecret !== secret) return refusal('invalid_client', 'the client secret is wrong');
  return client;
}

// RFC 6749, 2.3.1: id and secret are form-encoded before they are joined by a colon.
function basicCredentials(encoded: string): [string, string] {
  const [id = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':');
  try {
    return [formDecode(id), formDecode(rest.join(':'))];
  } catch {
    return ['', ''];
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
