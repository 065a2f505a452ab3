import { constants, createHash, createPublicKey, verify } from 'node:crypto';

/** A token request as its server sees it. */
export interface TokenServerRequest {
  readonly headers: Headers;
  readonly body: string;
  /** Whether the connection had a client certificate that the server accepts. */
  readonly certificate: boolean;
}

/** A platform's token endpoint, as strict as its public documentation says, and its API. */
export interface Platform {
  /** The public page, of which a stored copy was read in November 2026; or the standard. */
  readonly source: string;
  readonly tokenUrl: string;
  readonly api: string;
  /** What is wrong with a token request, as an OAuth error code. */
  readonly refuse: (request: TokenServerRequest) => string | undefined;
  /** What stands in the response beside the token. Default: that of RFC 6749 for an hour. */
  readonly grant?: object;
  /** The member with the token. Default: `access_token`. */
  readonly member?: string;
  /** The body of a rejection. Default: RFC 6749 section 5.2. */
  readonly rejection?: object;
  /** The body of a 401 of the API. Default: none, but the challenge of RFC 6750. */
  readonly unauthorized?: object;
  /** The platform has no token endpoint: this is what it thinks of the client's own token. */
  readonly accepts?: (token: string) => boolean;
}

type Fields = Readonly<Record<string, string | readonly string[] | ((value: string) => boolean)>>;

const ID = { client_id: 'invented-id' };
const SECRET = { ...ID, client_secret: 'invented-secret' };
const GRANT = { grant_type: 'client_credentials' };

/** A form with exactly these fields, and with this id and secret in `Authorization`. */
function form(fields: Fields, authorization: string | null = null) {
  return ({ headers, body }: TokenServerRequest): string | undefined => {
    if (!headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) return 'invalid_request';
    if (headers.get('authorization') !== authorization) return 'invalid_client';
    const given = new URLSearchParams(body);
    const expected: Fields = { ...GRANT, ...fields };
    if ([...given.keys()].some((name) => !(name in expected))) return 'invalid_request';
    for (const [name, value] of Object.entries(expected)) {
      const values = given.getAll(name);
      const fits = typeof value === 'function' ? value(values.join()) : `${values}` === `${[value].flat()}`;
      if (!fits)
        return name === 'scope' ? 'invalid_scope' : /^client/.test(name) ? 'invalid_client' : 'invalid_request';
    }
    return undefined;
  };
}

const withCertificate =
  (refuse: Platform['refuse']): Platform['refuse'] =>
  (request) =>
    request.certificate ? refuse(request) : 'invalid_client';

/** The private key whose public half is registered with ING, Enable Banking and the FAPI bank. */
export const registeredKey = { privateKey: '' };

/** Header and claims of a JWT that the registered key has signed. */
function verified(jwt: string, algorithm: 'RS256' | 'PS256'): [Record<string, unknown>, Record<string, unknown>] {
  const [header = '', claims = '', signature = ''] = jwt.split('.');
  const padding = algorithm === 'PS256' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const key = { key: createPublicKey(registeredKey.privateKey), padding, saltLength: 32 };
  const isSigned = verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'));
  const read = (part: string) => (isSigned ? JSON.parse(Buffer.from(part, 'base64url').toString()) : {});
  return [read(header), read(claims)];
}

/** RFC 7523 section 3, with what FAPI 1.0 Advanced adds: PS256 or ES256. */
function isAssertion(assertion: string, audience: string): boolean {
  const [{ alg, kid }, { iss, sub, aud, exp, jti }] = verified(assertion, 'PS256');
  const isOurs = alg === 'PS256' && kid === 'as-registered' && iss === 'invented-id' && sub === 'invented-id';
  const leftS = Number(exp) - Date.now() / 1_000;
  return isOurs && aud === audience && leftS > 0 && leftS <= 300 && typeof jti === 'string';
}

/** draft-cavage-http-signatures-10, with the headers that ING asks for. */
function isSignedForIng({ headers, body }: TokenServerRequest): boolean {
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
  const [, signature = ''] =
    /^Signature keyId="invented-id",algorithm="rsa-sha256",headers="\(request-target\) date digest",signature="([\w+/=]+)"$/.exec(
      headers.get('authorization') ?? '',
    ) ?? [];
  const text = `(request-target): post /oauth2/token\ndate: ${headers.get('date')}\ndigest: ${digest}`;
  const key = createPublicKey(registeredKey.privateKey);
  return headers.get('digest') === digest && verify('sha256', Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

/** From each platform's public documentation. None of the real ones was ever called from here. */
export const PLATFORMS: Readonly<Record<string, Platform>> = {
  Aritma: {
    source: 'https://developer.aritma.com/apis/banking/v4/development/authentication',
    tokenUrl: 'https://id.aritma.io/connect/token',
    api: 'https://banking.zdata.io',
    refuse: form({ ...SECRET, scope: 'api' }),
    grant: { expires_in: 3_600, token_type: 'Bearer', scope: 'api' },
  },
  TrueLayer: {
    source: 'https://docs.truelayer.com/docs/generate-a-payment-access-token',
    tokenUrl: 'https://auth.truelayer.com/connect/token',
    api: 'https://api.truelayer.com',
    refuse: form({ ...SECRET, scope: 'payments' }),
    grant: { expires_in: 3_600, token_type: 'Bearer', scope: 'payments' },
    // https://docs.truelayer.com/docs/error-types-for-payments-v3
    unauthorized: { type: 'https://docs.truelayer.com/docs/error-types', title: 'Unauthenticated', status: 401 },
  },
  Tink: {
    source: 'https://docs.tink.com/resources/api-setup/get-access-token.md',
    tokenUrl: 'https://api.tink.com/api/v1/oauth/token',
    api: 'https://api.tink.com',
    refuse: form({ ...SECRET, scope: 'authorization:grant,user:create' }),
    grant: { expires_in: 1_800, token_type: 'bearer', scope: 'authorization:grant,user:create' },
  },
  finAPI: {
    source: 'https://documentation.finapi.io/payments/authorization-and-creation-of-a-user-identity',
    // The page has only the path: the host is from memory.
    tokenUrl: 'https://sandbox.finapi.io/api/v2/oauth/token',
    api: 'https://sandbox.finapi.io',
    refuse: form(SECRET),
    grant: { expires_in: 3_599, token_type: 'bearer', scope: 'all' },
  },
  Neonomics: {
    source: 'https://docs.neonomics.io/docs/authentication',
    tokenUrl: 'https://sandbox.neonomics.io/auth/realms/sandbox/protocol/openid-connect/token',
    api: 'https://sandbox.neonomics.io',
    refuse: form(SECRET),
    grant: { expires_in: 3_600, refresh_expires_in: 7_200, refresh_token: 'another', token_type: 'bearer' },
    // Keycloak's.
    rejection: { error: 'unauthorized_client', error_description: 'Invalid client or Invalid client credentials' },
  },
  Fortnox: {
    source: 'https://www.fortnox.se/developer/authorization/get-access-token-using-client-credentials',
    tokenUrl: 'https://apps.fortnox.se/oauth-v1/token',
    api: 'https://api.fortnox.se',
    // Base64 of id and secret, without a word about encoding them first.
    refuse: (request) =>
      request.headers.get('tenantid') === '1234'
        ? form({}, `Basic ${btoa('invented-id:invented-secret')}`)(request)
        : 'invalid_request',
    grant: { expires_in: 3_600, token_type: 'bearer', scope: 'companyinformation' },
    // https://www.fortnox.se/developer/guides-and-good-to-know/errors
    unauthorized: { ErrorInformation: { error: 1, message: 'Ogiltig inloggning', code: 2_000_310 } },
  },
  Handelsbanken: {
    source: 'https://developer.handelsbanken.com/psd2/psd2/guidelines/accounts',
    tokenUrl: 'https://api.handelsbanken.com/mlurd/oauth2/token/1.0',
    api: 'https://api.handelsbanken.com',
    refuse: withCertificate(form({ ...ID, scope: 'AIS' })),
    // Its API follows the Berlin Group.
    unauthorized: { tppMessages: [{ category: 'ERROR', code: 'TOKEN_EXPIRED', text: 'The token has expired' }] },
  },
  'ABN AMRO': {
    source: 'https://developer.abnamro.com/api/payment-initiation-v1/tutorials-single-payments',
    tokenUrl: 'https://auth-sandbox.connect.abnamro.com:8443/as/token.oauth2',
    api: 'https://api-sandbox.abnamro.com',
    refuse: withCertificate(form({ ...ID, scope: 'psd2:payment:sepa:read psd2:payment:sepa:write' })),
    // https://developer.abnamro.com/docs/generic-error-codes
    unauthorized: { code: 'ERR_1001_001', message: 'Malformed or incorrect Authorization header', status: 401 },
  },
  ING: {
    source: 'https://raw.githubusercontent.com/ing-bank/ing-open-banking-sdk/master/api/oauth2/OAuth-2.0-API.json',
    tokenUrl: 'https://api.sandbox.ing.com/oauth2/token',
    api: 'https://api.sandbox.ing.com',
    refuse: withCertificate((request) => {
      if (!request.headers.has('authorization')) return form(ID)(request);
      return isSignedForIng(request) && request.body === 'grant_type=client_credentials' ? undefined : 'invalid_client';
    }),
    grant: { expires_in: 900, scope: 'greetings:view', token_type: 'Bearer', client_id: 'invented-id', keys: [] },
    rejection: { message: 'Invalid signature' },
  },
  'a FAPI bank': {
    source: 'https://www.rfc-editor.org/rfc/rfc7523',
    tokenUrl: 'https://auth.bank.example/token',
    api: 'https://api.bank.example',
    refuse: withCertificate(
      form({
        ...ID,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: (assertion) => isAssertion(assertion, 'https://auth.bank.example/token'),
        scope: 'accounts',
      }),
    ),
  },
  'a server with resources': {
    source: 'https://www.rfc-editor.org/rfc/rfc8707',
    tokenUrl: 'https://login.bank.example/oauth2/token',
    api: 'https://resources.bank.example',
    refuse: form({ ...SECRET, resource: ['https://resources.bank.example'] }),
  },
  GoCardless: {
    source: 'https://developer.gocardless.com/bank-account-data/quick-start-guide',
    tokenUrl: 'https://bankaccountdata.gocardless.com/api/v2/token/new/',
    api: 'https://bankaccountdata.gocardless.com',
    refuse: ({ headers, body }) =>
      headers.get('content-type') === 'application/json' &&
      body === '{"secret_id":"invented-id","secret_key":"invented-secret"}'
        ? undefined
        : 'invalid_client',
    member: 'access',
    grant: { access_expires: 86_400, refresh: 'another', refresh_expires: 2_592_000 },
    // As its users report them: https://github.com/invoiceninja/invoiceninja/issues/10396, actualbudget/actual/issues/3590
    rejection: { summary: 'Authentication failed', status_code: 401 },
    unauthorized: { summary: 'Invalid token', detail: 'Token is invalid or expired', status_code: 401 },
  },
  'Enable Banking': {
    source: 'https://enablebanking.com/docs/api/quick-start/',
    tokenUrl: 'https://api.enablebanking.com/no-token-endpoint',
    api: 'https://api.enablebanking.com',
    refuse: () => 'there is no token endpoint',
    accepts: (token) => {
      const [{ typ, alg, kid }, { iss, aud, iat, exp }] = verified(token, 'RS256');
      const isFromUs = typ === 'JWT' && alg === 'RS256' && kid === 'invented-id' && iss === 'enablebanking.com';
      // At most a day: from memory.
      return isFromUs && aud === 'api.enablebanking.com' && Number(exp) - Number(iat) <= 86_400;
    },
  },
};

/** One platform, as long as its tokens are remembered: a token is good until it is revoked. */
export class PlatformServer {
  readonly #platform: Platform;
  readonly #issued = new Set<string>();
  readonly #revoked = new Set<string>();
  tokenRequests = 0;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  revokeAll(): void {
    for (const token of this.#issued) this.#revoked.add(token);
  }

  token(request: TokenServerRequest): Response {
    this.tokenRequests++;
    const { refuse, rejection, member = 'access_token', grant } = this.#platform;
    const error = refuse(request);
    if (error !== undefined) {
      return Response.json(rejection ?? { error }, { status: error === 'invalid_client' ? 401 : 400 });
    }
    const token = `token-${crypto.randomUUID()}`;
    this.#issued.add(token);
    return Response.json({ [member]: token, ...(grant ?? { token_type: 'Bearer', expires_in: 3_600 }) });
  }

  api(headers: Headers): Response {
    const token = headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
    if (this.#platform.accepts && !this.#revoked.has(token)) {
      if (this.#platform.accepts(token)) this.#issued.add(token);
    }
    if (this.#issued.has(token) && !this.#revoked.has(token)) return Response.json({ accounts: [] });
    const { unauthorized } = this.#platform;
    if (unauthorized) return Response.json(unauthorized, { status: 401 });
    return Response.json({}, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
  }
}
