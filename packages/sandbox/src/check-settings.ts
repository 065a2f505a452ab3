import type { OpenBankingAuthConfig } from '@open-banking-auth/core';

/** What `process.env` is, and what a test gives in its place. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The configuration in the environment, for the library to judge. An empty variable counts as not set. */
export interface CheckSettings {
  readonly config: OpenBankingAuthConfig;
  readonly apiUrl: string | undefined;
}

export const defaultScope = 'accountinformation private';

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function readSettings(variables: Variables): CheckSettings {
  const value = (name: string) => variables[name] || undefined;
  const environment = value('OPEN_BANKING_ENVIRONMENT');
  const tokenUrl = value('OPEN_BANKING_TOKEN_URL');
  const apiUrl = value('OPEN_BANKING_API_URL');
  return {
    apiUrl,
    config: {
      // Which environments there are is for the library to say.
      environment: (environment ?? (tokenUrl ? undefined : 'sandbox')) as OpenBankingAuthConfig['environment'],
      tokenUrl,
      apiOrigins: apiUrl === undefined ? undefined : [apiUrl],
      clientId: value('OPEN_BANKING_CLIENT_ID'),
      clientSecret: value('OPEN_BANKING_CLIENT_SECRET'),
      scope: value('OPEN_BANKING_SCOPE') ?? defaultScope,
    },
  };
}

const variableOfOption: Readonly<Record<string, string>> = {
  clientId: 'OPEN_BANKING_CLIENT_ID',
  clientSecret: 'OPEN_BANKING_CLIENT_SECRET',
  scope: 'OPEN_BANKING_SCOPE',
  environment: 'OPEN_BANKING_ENVIRONMENT',
  tokenUrl: 'OPEN_BANKING_TOKEN_URL',
  apiOrigins: 'OPEN_BANKING_API_URL',
};

/** The library speaks of its options; whoever runs the check has set variables. */
export function inVariables(text: string): string {
  return text.replaceAll(
    /"(\w+)(?:\[0\])?"|\b(clientId|clientSecret|tokenUrl|apiOrigins)\b/g,
    (words, quoted: string | undefined, bare: string | undefined) => variableOfOption[quoted ?? bare ?? ''] ?? words,
  );
}

/** The id as far as it may be shown: people mix it up with the secret. */
export function shownId(id: unknown): string {
  if (typeof id !== 'string') return 'not set';
  return uuid.test(id) ? `${id.slice(0, 8)}-…` : `set, ${id.length} characters`;
}

/** What looks wrong with an id and a secret that were refused. Quotes neither. */
export function doubtsAbout({ clientId = '', clientSecret }: OpenBankingAuthConfig): string[] {
  const secret = String(clientSecret);
  const doubts: string[] = [];
  if (/\s/.test(secret))
    doubts.push(
      'OPEN_BANKING_CLIENT_SECRET has a space in it. Secrets of the platform contain "+", which turns into a space where a URL or form is decoded: copy it from the portal again',
    );
  if (/%[\da-f]{2}/i.test(secret))
    doubts.push(
      'OPEN_BANKING_CLIENT_SECRET has a percent code in it, such as %2B: give it as the portal shows it, it is encoded on the way',
    );
  if (/^(["']).*\1$/.test(secret) || /^(["']).*\1$/.test(clientId))
    doubts.push('The id or the secret stands in quotes, which some readers of .env files keep: take them away');
  if (!uuid.test(clientId))
    doubts.push(
      uuid.test(secret)
        ? 'OPEN_BANKING_CLIENT_SECRET is a UUID and OPEN_BANKING_CLIENT_ID is none: have they been swapped?'
        : 'OPEN_BANKING_CLIENT_ID is not a UUID, as the ids of the platform are',
    );
  return doubts;
}
