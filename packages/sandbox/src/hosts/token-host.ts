import { KNOWN_SCOPES, type SandboxClient } from './client.js';
import type { HostRequest } from './host.js';
import { createToken, type IssuedTokens } from './issued-tokens.js';
import { type HostResponse, json } from './response.js';

export const TOKEN_PATH = '/connect/token';

interface TokenHost {
  readonly clients: readonly SandboxClient[];
  readonly lifetimeSeconds: number;
  readonly tokens: IssuedTokens;
  readonly onTokenIssued: (scope: string, token: string) => void;
}

// RFC 6749, 5.1
const NOT_CACHED = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

export function handleTokenRequest(request: HostRequest, host: TokenHost): HostResponse {
  if (request.path !== TOKEN_PATH) return { status: 404, note: `the token URL is ${TOKEN_PATH}` };
  if (request.method !== 'POST') return { status: 405, headers: { Allow: 'POST' } };
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded')
    return oauthError('invalid_request', 'the content type is not application/x-www-form-urlencoded');

  const form = new URLSearchParams(request.body.toString());
  const repeated = [...form.keys()].find((name) => form.getAll(name).length > 1);
  if (repeated !== undefined) return oauthError('invalid_request', 'a parameter was sent twice');
  const grantType = form.get('grant_type');
  if (!grantType) return oauthError('invalid_request', 'grant_type is missing');

  const client = authenticate(request, form, host.clients);
  if ('status' in client) return client;
  if (grantType === 'authorization_code') return finaliseConsent(form, host.lifetimeSeconds);
  if (grantType !== 'client_credentials')
    return oauthError('unsupported_grant_type', 'only client_credentials and authorization_code are supported');
  return issueToken(form.get('scope'), client, host);
}

function issueToken(scope: string | null, client: SandboxClient, host: TokenHost): HostResponse {
  if (!scope) return oauthError('invalid_request', 'scope is missing');
  const mistake = scopeMistake(new Set(scope.split(' ').filter(Boolean)), client.scopes ?? KNOWN_SCOPES);
  if (mistake) return oauthError('invalid_scope', mistake);

  const token = host.tokens.issue(scope, host.lifetimeSeconds);
  host.onTokenIssued(scope, token);
  return tokenResponse(token, host.lifetimeSeconds, { scope }, `token issued for: ${scope}`);
}

function scopeMistake(words: ReadonlySet<string>, allowed: readonly string[]): string | undefined {
  const contexts = ['private', 'corporate'].filter((context) => words.has(context));
  if (contexts.length !== 1) return 'exactly one of private and corporate is required';
  const apiScopes = [...words].filter((word) => !contexts.includes(word));
  if (apiScopes.length === 0) return 'an API scope is required in addition to the context';
  // The unknown word could be anything, even a secret, so it is not logged.
  if (apiScopes.some((word) => !allowed.includes(word))) return 'a scope is unknown, or not allowed for this client';
  if (words.has('bankgiroinformation') && !words.has('accountinformation'))
    return 'bankgiroinformation requires accountinformation';
  return undefined;
}

// Finalises a consent or a payment after the user was redirected. The platform's API accepts this token nowhere.
function finaliseConsent(form: URLSearchParams, lifetimeSeconds: number): HostResponse {
  if (!form.get('code')) return oauthError('invalid_request', 'code is missing');
  return tokenResponse(createToken(), lifetimeSeconds, {}, 'consent finalised; its token is not for API calls');
}

function tokenResponse(token: string, lifetimeSeconds: number, rest: { scope?: string }, note: string): HostResponse {
  const body = { access_token: token, expires_in: lifetimeSeconds, token_type: 'Bearer', ...rest };
  return { ...json(200, body, NOT_CACHED, note), issued: token };
}

function oauthError(error: string, reason: string): HostResponse {
  return json(400, { error }, NOT_CACHED, `${error}: ${reason}`);
}

function authenticate(
  request: HostRequest,
  form: URLSearchParams,
  clients: readonly SandboxClient[],
): SandboxClient | HostResponse {
  const [scheme, encoded = ''] = request.headers.authorization?.split(' ') ?? [];
  const basic = scheme?.toLowerCase() === 'basic';
  if (basic && form.has('client_secret'))
    return oauthError('invalid_request', 'the client secret was sent both in the header and in the body');
  const [id, secret] = basic ? basicCredentials(encoded) : [form.get('client_id'), form.get('client_secret')];
  if (!id || !secret) return oauthError('invalid_request', 'client_id or client_secret is missing');
  const client = clients.find(({ clientId }) => clientId === id);
  if (!client) return oauthError('invalid_client', 'the client id is unknown');
  if (client.clientSecret !== secret) return oauthError('invalid_client', 'the client secret is wrong');
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
