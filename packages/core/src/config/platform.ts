/** The hosts of the platform, as named by its documents and its integrators. */
export interface Environment {
  readonly tokenUrl: string;
  readonly apiOrigin: string;
  /** Added to the hint of every token request that fails in this environment. */
  readonly tokenHint: string;
}

const SANDBOX_TOKEN_URL = 'https://oauth.sandbox.openbankingplatform.com/connect/token';
const FORMER_SANDBOX_TOKEN_URL = 'https://auth.sandbox.openbankingplatform.com/connect/token';

export const ENVIRONMENTS: Readonly<Record<'production' | 'sandbox', Environment>> = {
  production: {
    tokenUrl: 'https://auth.openbankingplatform.com/connect/token',
    apiOrigin: 'https://api.openbankingplatform.com',
    tokenHint: '',
  },
  sandbox: {
    tokenUrl: SANDBOX_TOKEN_URL,
    apiOrigin: 'https://api.sandbox.openbankingplatform.com',
    tokenHint: /* @__PURE__ */ movedHint(FORMER_SANDBOX_TOKEN_URL, SANDBOX_TOKEN_URL),
  },
};

function movedHint(from: string, to: string): string {
  return `The token host of the platform's sandbox moved in autumn 2026, from ${from} to ${to}: if one does not respond, try the other as "tokenUrl"`;
}

/** The token URLs of the platform. */
export type KnownTokenUrl =
  | 'https://auth.openbankingplatform.com/connect/token'
  | typeof SANDBOX_TOKEN_URL
  | typeof FORMER_SANDBOX_TOKEN_URL;

/** The environment that a token URL belongs to, if it is one of the platform's. */
export function environmentOf(tokenUrl: URL | undefined): Environment | undefined {
  const { production, sandbox } = ENVIRONMENTS;
  if (tokenUrl?.href === production.tokenUrl) return production;
  return tokenUrl?.href === sandbox.tokenUrl || tokenUrl?.href === FORMER_SANDBOX_TOKEN_URL ? sandbox : undefined;
}

/** Whether a configuration is for openpayments.io: it names an environment, or a token URL on the platform's hosts. */
export function isOpenPayments(environment: unknown, tokenUrl: unknown): boolean {
  return (
    environment !== undefined ||
    tokenUrl === undefined ||
    /^(?:https?:\/\/)?[\w.-]+\.openbankingplatform\.com(?:[:/?#]|$)/i.test(String(tokenUrl))
  );
}
