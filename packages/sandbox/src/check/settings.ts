import type { OpenBankingAuthConfig } from '@open-banking-auth/core';
import type { Variables } from './io.js';

/** The configuration in the environment, not yet checked. An empty variable counts as not set. */
export interface CheckSettings {
  readonly config: OpenBankingAuthConfig;
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
      // An unknown environment is cast too: the library rejects it.
      environment: (environment ?? (tokenUrl ? undefined : 'sandbox')) as OpenBankingAuthConfig['environment'],
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

/** What looks wrong with a rejected id and secret. Quotes neither. */
export function credentialDoubts({ clientId = '', clientSecret }: OpenBankingAuthConfig): string[] {
  const secret = String(clientSecret);
  const doubts: string[] = [];
  if (/\s/.test(secret))
    doubts.push(
      'OPEN_BANKING_CLIENT_SECRET contains a space. The platform\'s secrets contain "+", which becomes a space when a URL or a form is decoded: copy the secret from the portal again',
    );
  if (/%[\da-f]{2}/i.test(secret))
    doubts.push(
      'OPEN_BANKING_CLIENT_SECRET contains a percent code, such as %2B: set it exactly as the portal shows it, since it is encoded when it is sent',
    );
  if (/^(["']).*\1$/.test(secret) || /^(["']).*\1$/.test(clientId))
    doubts.push('The id or the secret is in quotes, which some .env parsers keep: remove them');
  if (!UUID.test(clientId))
    doubts.push(
      UUID.test(secret)
        ? 'OPEN_BANKING_CLIENT_SECRET is a UUID and OPEN_BANKING_CLIENT_ID is not: have they been swapped?'
        : "OPEN_BANKING_CLIENT_ID is not a UUID, unlike the platform's ids",
    );
  return doubts;
}
