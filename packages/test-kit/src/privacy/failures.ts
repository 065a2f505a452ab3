import {
  type ClientSecret,
  type CommonOptions,
  memoryTokenStore,
  type OwnHosts,
  type TokenStore,
} from '@open-banking-auth/core';
import type { Sandbox } from '@open-banking-auth/sandbox';
import { ENCODINGS } from '../encodings.js';
import type { Stage } from './searched-client.js';

export interface Failure {
  /** Options of the source that differ from the sandbox's. */
  readonly config?: (sandbox: Sandbox) => Partial<CommonOptions & ClientSecret & OwnHosts>;
  /** Whether a token has been obtained before it goes wrong. */
  readonly warm?: boolean;
  readonly arrange?: (sandbox: Sandbox) => unknown;
  readonly act?: (stage: Stage) => Promise<unknown>;
}

/** The token in responses of the token endpoint that are not accepted. */
export const CANARY = 'eyJ-canary-in-a-bad-answer';
export const SECRET = 'sw3dish+s3cr/et=ö&"x';
export const CLIENT_ID = '5b1cb4a0-0000-4000-8000-3a5d0ee1a5c1';

const form = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
const ECHO = Object.values(ENCODINGS)
  .map((encode) => encode(SECRET))
  .join(' ');

const answering = (body: object | string, status = 200) => ({
  arrange: (sandbox: Sandbox) =>
    sandbox.fault({ kind: 'body', at: 'token', status, body: typeof body === 'string' ? body : JSON.stringify(body) }),
});
const api = (fault: object) => ({
  warm: true,
  arrange: (sandbox: Sandbox) => sandbox.fault({ at: 'api', ...fault } as Parameters<Sandbox['fault']>[0]),
});

const refuse = (operation: string) => async (key: string, value?: unknown) => {
  throw Object.assign(new Error(`${operation} ${key} ${value} ${ECHO}`), { command: [operation, key, value] });
};
const refusingStore: TokenStore = {
  get: refuse('get'),
  set: refuse('set'),
  delete: refuse('del'),
  lock: refuse('lock'),
};

export const FAILURES: Record<string, Failure> = {
  'token request rejected': { arrange: (sandbox) => sandbox.fault({ kind: 'wrong-secret', at: 'token' }) },
  'token request rejected with a challenge': {
    arrange: (sandbox) => sandbox.fault({ kind: 'wrong-secret', at: 'token', status: 401 }),
  },
  'token request rejected by the method client_secret_basic': {
    config: () => ({ clientAuthentication: 'client_secret_basic' }),
    arrange: (sandbox) => sandbox.fault({ kind: 'wrong-secret', at: 'token', status: 401 }),
  },
  'token request rejected by a server that repeats the secret': answering(
    { error: 'invalid_scope', error_description: ECHO },
    400,
  ),
  'token request rejected with the secret as the error': answering({ error: SECRET, error_description: SECRET }, 400),
  'token request rejected with an error that is not an OAuth error': answering(
    { message: ECHO, access_token: CANARY },
    403,
  ),
  'token endpoint is down, with HTML that repeats the secret': answering(`<html>${ECHO}</html>`, 502),
  'token endpoint responds with HTML': answering(`<html>${ECHO} ${CANARY}</html>`),
  'token endpoint responds with nothing': answering(''),
  'token response breaks off': answering(`{"access_token":"${CANARY}","token_type":"Bea`),
  'token response is an array': answering(`[{"access_token":"${CANARY}"}]`),
  'token of another type': answering({ access_token: CANARY, token_type: 'mac', expires_in: 3600 }),
  'token without a type': answering({ access_token: CANARY, expires_in: 3600 }),
  'token that has expired': answering({ access_token: CANARY, token_type: 'Bearer', expires_in: 0 }),
  'token with an invalid lifetime': answering({ access_token: CANARY, token_type: 'Bearer', expires_in: CANARY }),
  'token with a line break': answering({ access_token: `${CANARY}\r\nX: y`, token_type: 'Bearer' }),
  'token that is too long': answering({ access_token: CANARY.repeat(1_000), token_type: 'Bearer' }),
  'token response that is too long': answering({ access_token: CANARY, padding: 'x'.repeat(1_100_000) }),
  'token in a __proto__': answering(`{"__proto__":{"access_token":"${CANARY}","token_type":"Bearer"}}`),
  'token endpoint redirects': {
    arrange: (sandbox) =>
      sandbox.fault({
        kind: 'redirect',
        at: 'token',
        location: `${sandbox.foreignUrl}/?client_secret=${form(SECRET)}`,
      }),
  },
  'token endpoint resets': { arrange: (sandbox) => sandbox.fault({ kind: 'reset', at: 'token' }) },
  'token endpoint hangs': {
    config: () => ({ timeoutMs: 100 }),
    arrange: (sandbox) => sandbox.fault({ kind: 'hang', at: 'token' }),
  },
  'token endpoint asks to wait': {
    arrange: (sandbox) =>
      sandbox.fault({ kind: 'status', at: 'token', status: 429, headers: { 'retry-after': '60' }, body: ECHO }),
  },
  'token endpoint unreachable': {
    act: async ({ sandbox, send, banks }) => {
      await sandbox.close();
      return send(banks);
    },
  },
  'token request during a cooldown': {
    arrange: (sandbox) => sandbox.fault({ kind: 'wrong-secret', at: 'token' }),
    act: async ({ send, banks }) => [await caught(send(banks)), await caught(send(banks))],
  },
  'token wait aborted': {
    arrange: (sandbox) => sandbox.fault({ kind: 'hang', at: 'token' }),
    act: ({ send, banks }) => send(banks, { signal: AbortSignal.timeout(20) }),
  },
  'token wait timed out': {
    arrange: (sandbox) => sandbox.fault({ kind: 'hang', at: 'token' }),
    act: ({ send, banks }) => send(banks, { timeoutMs: 20 }),
  },
  'secret function that throws the secret': {
    config: () => ({
      clientSecret: () => {
        throw new Error(`vault: cannot renew the lease of ${ECHO}`);
      },
    }),
  },
  'secret function that gives a damaged secret': { config: () => ({ clientSecret: () => `${SECRET}\n` }) },
  'fetch of the token request that throws the request': {
    config: () => ({
      fetch: async (url, init) => {
        throw Object.assign(new TypeError(`failed: ${String(init?.body)}`, { cause: new Error(ECHO) }), { url, init });
      },
    }),
  },
  'fetch of the token request whose body fails with what it held': {
    config: () => ({
      fetch: async () =>
        new Response(new ReadableStream({ start: (body) => body.error(new Error(`${CANARY} ${ECHO}`)) })),
    }),
  },

  success: { warm: true },
  'success after a renewal': { warm: true, arrange: (sandbox) => sandbox.revokeTokens() },
  'success with a body': { warm: true, act: ({ send, banks }) => send(banks, { body: '{"amount":1}' }) },
  '401 that no new token would change': api({ kind: 'unauthorized', code: 'CONSENT_EXPIRED' }),
  '401 always': api({ kind: 'unauthorized' }),
  '401 whose renewal fails': {
    warm: true,
    arrange: (sandbox) => {
      sandbox.revokeTokens();
      sandbox.fault({ kind: 'wrong-secret', at: 'token' });
    },
  },
  '401 whose renewal is aborted': {
    warm: true,
    arrange: (sandbox) => {
      sandbox.revokeTokens();
      sandbox.fault({ kind: 'hang', at: 'token' });
    },
    act: ({ send, banks }) => send(banks, { signal: AbortSignal.timeout(30) }),
  },
  '403': api({ kind: 'status', status: 403, body: { code: 'SERVICE_BLOCKED' } }),
  '404': api({ kind: 'status', status: 404 }),
  '429': api({ kind: 'status', status: 429, headers: { 'retry-after': '600' } }),
  '500': api({ kind: 'status', status: 500 }),
  'HTML in place of JSON': api({ kind: 'html', status: 200 }),
  'JSON that breaks off': api({ kind: 'body', body: '{"aspsps":[' }),
  'connection reset': api({ kind: 'reset' }),
  'API timeout': { ...api({ kind: 'hang' }), act: ({ send, banks }) => send(banks, { timeoutMs: 30 }) },
  'API call aborted': {
    ...api({ kind: 'hang' }),
    act: ({ send, banks }) => send(banks, { signal: AbortSignal.timeout(30) }),
  },
  'API call aborted before it began': {
    warm: true,
    act: ({ send, banks }) => send(banks, { signal: AbortSignal.abort() }),
  },
  'redirect to another origin': {
    warm: true,
    arrange: (sandbox) => sandbox.fault({ kind: 'redirect', at: 'api', location: `${sandbox.foreignUrl}/bank` }),
  },
  'redirect that does not end': api({ kind: 'redirect', location: '/again' }),
  'redirect that leads nowhere': api({ kind: 'redirect', location: 'http://[broken' }),
  'API unreachable': {
    warm: true,
    act: async ({ sandbox, send, banks }) => {
      await sandbox.close();
      return send(banks);
    },
  },
  'a listener that throws': {
    config: () => ({
      onEvent: (event) => {
        throw Object.assign(new Error('from the listener'), { event });
      },
    }),
  },
  'a listener that rejects': {
    config: () => ({ onEvent: (event) => Promise.reject(Object.assign(new Error('from the listener'), { event })) }),
  },
  'success with a store': { config: () => ({ store: memoryTokenStore() }) },
  'a store that fails with errors that repeat what it was asked': {
    config: () => ({ store: refusingStore }),
    warm: true,
    arrange: (sandbox) => sandbox.revokeTokens(),
  },
  'a store with garbled values': {
    config: () => ({ store: { ...memoryTokenStore(), get: async () => 'AAAA' } }),
    arrange: (sandbox) => sandbox.fault({ kind: 'wrong-secret', at: 'token' }),
  },
  'an invalid request option': { act: ({ tokens }) => tokens.get({ scope: 'no\u0000good' }) },
};

/** What it comes to, either way. */
export function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error);
}
