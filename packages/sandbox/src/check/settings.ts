import type { ClientSecretConfig } from '@open-banking-auth/core';
import { likelyName } from '@open-banking-auth/core/client';
import type { Variables } from './io.js';

/** The configuration in the environment, not yet checked. An empty variable counts as not set. */
export interface CheckSettings {
  readonly config: ClientSecretConfig;
  readonly apiUrl: string | undefined;
}

export const DEFAULT_SCOPE = 'accountinformation private';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function settingsFrom(variables: Variables): CheckSettings {
  const value = (name: string) => variables[name] || undefined;
  const environment = value('OPEN_BANKING_ENVIRONMENT');
  const tokenUrl = value('OPEN_BANKING_TOKEN_URL');
  const apiUrl = value('OPEN_BANKING_API_URL');
  return {
    apiUrl,
    config: {
      // With hosts of its own it chooses only the rules: those of the platform, which is what is checked here.
      environment: environment ?? (tokenUrl === undefined ? 'sandbox' : apiUrl && 'production'),
      tokenUrl,
      apiOrigins: apiUrl === undefined ? undefined : [apiUrl],
      clientId: value('OPEN_BANKING_CLIENT_ID'),
      clientSecret: value('OPEN_BANKING_CLIENT_SECRET'),
      scope: value('OPEN_BANKING_SCOPE') ?? DEFAULT_SCOPE,
    },
  };
}

const VARIABLE_BY_OPTION: Readonly<Record<string, string>> = {
  clientId: 'OPEN_BANKING_CLIENT_ID',
  clientSecret: 'OPEN_BANKING_CLIENT_SECRET',
  scope: 'OPEN_BANKING_SCOPE',
  environment: 'OPEN_BANKING_ENVIRONMENT',
  tokenUrl: 'OPEN_BANKING_TOKEN_URL',
  apiOrigins: 'OPEN_BANKING_API_URL',
};

/** Replaces the library's option names in a message by the variables that set them. */
export function withVariableNames(text: string): string {
  return text.replaceAll(
    /"(\w+)(?:\[0\])?"|\b(clientId|clientSecret|tokenUrl|apiOrigins)\b/g,
    (words, quoted: string | undefined, bare: string | undefined) => VARIABLE_BY_OPTION[quoted ?? bare ?? ''] ?? words,
  );
}

/** The part of the id that is safe to print: people swap id and secret. */
export function maskId(id: unknown): string {
  if (typeof id !== 'string') return 'not set';
  return UUID.test(id) ? `${id.slice(0, 8)}-…` : `set, ${id.length} characters`;
}

/** A scope as it can be printed: the platform's words are letters, and others could be a secret in the wrong variable. */
export function showScope(scope: unknown): string {
  const words = String(scope).split(/\s+/);
  return words.map((word) => (/^[a-z]{1,24}$/.test(word) ? word : '…')).join(' ');
}

/** Variables that are set but not read, because their name is not quite that of one that is not set. */
export function misnamedVariables(variables: Variables): string[] {
  const unset = Object.values(VARIABLE_BY_OPTION).filter((name) => !variables[name]);
  const set = Object.keys(variables).filter((name) => /bank|^client_/i.test(name) && variables[name]);
  return set.flatMap((name) => {
    // Such as OPEN_BANKING_SECRET, or CLIENT_SECRET.
    const [last = ''] = /(?:^|_)(?:client_)?(?:id|secret)$/i.exec(name) ?? [];
    const likely =
      likelyName(name, unset) ??
      unset.find((each) => last !== '' && each.endsWith(last.replace(/^_?/, '_').toUpperCase()));
    return likely === undefined ? [] : [`${name} is set, but not read: did you mean ${likely}?`];
  });
}
