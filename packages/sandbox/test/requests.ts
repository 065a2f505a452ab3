import type { Sandbox } from '@open-banking-auth/sandbox';

type Fields = Record<string, string | undefined>;

/** A valid token request, changed by `fields`; `undefined` omits a field. */
export function requestToken(sandbox: Sandbox, fields: Fields = {}, headers: Record<string, string> = {}) {
  const { clientId, clientSecret, scope } = sandbox.config;
  const form = new URLSearchParams();
  const all: Fields = {
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'client_credentials',
    scope,
    ...fields,
  };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) form.set(name, value);
  return fetch(sandbox.tokenUrl, { method: 'POST', body: form, headers });
}

export async function getToken(sandbox: Sandbox, scope = sandbox.config.scope): Promise<string> {
  const body = await readJson(await requestToken(sandbox, { scope }));
  return String(body.access_token);
}

/** An API request with this token and a fresh X-Request-ID. */
export function callApi(sandbox: Sandbox, token: string | undefined, path: string, init: RequestInit = {}) {
  const headers = new Headers(init.headers);
  if (!headers.has('X-Request-ID')) headers.set('X-Request-ID', crypto.randomUUID());
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  return fetch(sandbox.apiUrl + path, { ...init, headers });
}

export async function readJson(response: Response): Promise<Record<string, unknown>> {
  return JSON.parse(await response.text());
}

export const banksPath = '/psd2/aspspinformation/v1/aspsps';
