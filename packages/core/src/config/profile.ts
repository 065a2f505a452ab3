import type { ClientAuthentication } from './client.js';
import type { RejectedClient } from './credential-doubts.js';
import { freeWords, openPaymentsWords, type Scope, unrecognisedWords, wholeScope } from './scope.js';

/** What is particular to a platform, apart from its hosts. */
export interface Profile {
  /** The methods of client authentication that the platform has. */
  readonly methods: readonly ClientAuthentication[];
  /** @throws OpenBankingAuthError `invalid_config`. `option` is the scope's name in its message. */
  readonly parseScope: (value: unknown, option: string) => Scope;
  /** A whole scope as the token endpoint takes it; empty for none. */
  readonly formatScope: (scope: Scope, option: string) => string;
  /** The words of a scope that the platform's documents do not list. */
  readonly unrecognisedWords: (scope: Scope) => readonly string[];
  /** What to do about an id and a secret that were rejected, what looks wrong with them first. Loaded when it is needed. */
  readonly clientAdvice: (client: RejectedClient, clientSecret: string) => Promise<readonly string[]>;
  /** What to do about a rejected scope. */
  readonly scopeHint: string;
}

/** openpayments.io, for which this library is made. */
export const openPayments: Profile = {
  methods: ['client_secret_post', 'client_secret_basic'],
  parseScope: openPaymentsWords,
  formatScope: wholeScope,
  unrecognisedWords,
  clientAdvice: async (client, clientSecret) => {
    const { credentialDoubts, encodingDoubts, CHECK, CHECK_ENVIRONMENT } = await import('./credential-doubts.js');
    const doubts = credentialDoubts(client.clientId, clientSecret);
    return [...doubts, CHECK, CHECK_ENVIRONMENT, ...encodingDoubts(client, clientSecret)];
  },
  scopeHint:
    'Check that the client has been granted these API scopes, and that the scope names one PSU context, "private" or "corporate"',
};

/** Any other platform: what RFC 6749 says, and nothing more. */
export const plainOAuth: Profile = {
  methods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'tls_client_auth'],
  parseScope: freeWords,
  formatScope: ({ api, context }) => [...api, context ?? []].flat().join(' '),
  unrecognisedWords: () => [],
  clientAdvice: async (client, clientSecret) => {
    const { encodingDoubts, CHECK } = await import('./credential-doubts.js');
    return [CHECK, ...encodingDoubts(client, clientSecret)];
  },
  scopeHint: 'Check that the client has been granted this scope, and how the platform writes it',
};
