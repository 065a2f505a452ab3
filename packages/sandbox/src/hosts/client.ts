/** An application that the token host knows. */
export interface SandboxClient {
  /** The client id. The platform uses UUIDs; here any non-empty string will do. */
  readonly clientId: string;
  /** The client secret. Any non-empty string. */
  readonly clientSecret: string;
  /**
   * The API scopes that this client may request, without the PSU context. Other scopes get `invalid_scope`.
   * Default: all known scopes, which are `aspspinformation`, `accountinformation`, `paymentinitiation` and
   * `bankgiroinformation`.
   */
  readonly scopes?: readonly string[];
}

export const KNOWN_SCOPES: readonly string[] = [
  'aspspinformation',
  'accountinformation',
  'paymentinitiation',
  'bankgiroinformation',
];

// The secret has the three characters that break when a client does not form-encode its request.
export const DEFAULT_CLIENT: SandboxClient = {
  clientId: '5a9d6b0e-7c1f-4e2a-9b38-0d4f6c1e2a70',
  clientSecret: 'invented+for/the+local/sandbox==',
};
