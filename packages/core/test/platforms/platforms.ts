import { createHash, createPublicKey, verify } from 'node:crypto';

/** A token request as its server sees it. */
export interface TokenServerRequest {
  readonly headers: Headers;
  readonly body: string;
  /** Whether the connection had a client certificate that the server accepts. */
  readonly certificate: boolean;
}

/** A platform's token endpoint, as strict as its public documentation says, and its API. */
export interface Platform {
  readonly tokenUrl: string;
  readonly api: string;
  /** What is wrong with a token request, as an OAuth error code. */
  readonly refuse: (request: TokenServerRequest) => string | undefined;
  /** The response with a token. Default: that of RFC 6749, for an hour. */
  readonly grant?: (token: string) => object;
  /** The platform has no token endpoint: this is what it thinks of the client's own token. */
  readonly accepts?: (token: string) => boolean;
}

type Fields = Readonly<Record<string, string | readonly string[] | RegExp>>;

const SECRET = { client_id: 'invented-id', client_secret: 'invented-secret' };
const GRANT = { grant_type: 'client_credentials' };
const BASIC = 'invented-id:invented-secret';

/** Id and secret, which RFC 6749 section 2.3.1 wants encoded as in a form. */
function basicOf(authorization: string | null): string | null {
  return authorization && decodeURIComponent(atob(authorization.replace(/^Basic /, '')));
}

/** A form with exactly these fields, and with this id and secret in `Authorization`. */
function form(fields: Fields, authorization: string | null = null) {
  return ({ headers, body }: TokenServerRequest): string | undefined => {
    if (!headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) return 'invalid_request';
    if (basicOf(headers.get('authorization')) !== authorization) return 'invalid_client';
    const given = new URLSearchParams(body);
    const expected: Fields = { ...GRANT, ...fields };
    if ([...given.keys()].some((name) => !(name in expected))) return 'invalid_request';
    for (const [name, value] of Object.entries(expected)) {
      const values = given.getAll(name);
      const fits = value instanceof RegExp ? value.test(values.join()) : `${values}` === `${[value].flat()}`;
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

const assertion = {
  client_id: 'invented-id',
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/,
};

/** From each platform's public documentation. None of the real ones was ever called from here. */
export const PLATFORMS: Readonly<Record<string, Platform>> = {
  Aritma: {
    tokenUrl: 'https://accounts.aritma.example/connect/token',
    api: 'https://api.aritma.example',
    refuse: form({ ...SECRET, scope: 'api' }),
  },
  TrueLayer: {
    tokenUrl: 'https://auth.truelayer-sandbox.com/connect/token',
    api: 'https://api.truelayer-sandbox.com',
    refuse: form({ ...SECRET, scope: 'payments' }),
  },
  Tink: {
    tokenUrl: 'https://api.tink.com/api/v1/oauth/token',
    api: 'https://api.tink.com',
    refuse: form({ ...SECRET, scope: 'accounts:read,user:create' }),
  },
  finAPI: {
    tokenUrl: 'https://sandbox.finapi.io/api/v2/oauth/token',
    api: 'https://sandbox.finapi.io',
    refuse: form(SECRET),
  },
  Neonomics: {
    tokenUrl: 'https://sandbox.neonomics.io/auth/realms/sandbox/protocol/openid-connect/token',
    api: 'https://sandbox.neonomics.io',
    refuse: form({}, BASIC),
  },
  Fortnox: {
    tokenUrl: 'https://apps.fortnox.se/oauth-v1/token',
    api: 'https://api.fortnox.se',
    refuse: (request) => (request.headers.get('tenantid') === '1234' ? form({}, BASIC)(request) : 'invalid_request'),
  },
  Handelsbanken: {
    tokenUrl: 'https://sandbox.handelsbanken.com/openbanking/oauth2/token/1.0',
    api: 'https://sandbox.handelsbanken.com',
    refuse: withCertificate(form({ client_id: 'invented-id', scope: 'AIS', psu_id_type: '1' })),
  },
  'ABN AMRO': {
    tokenUrl: 'https://auth-mtls-sandbox.abnamro.com/as/token.oauth2',
    api: 'https://api-sandbox.abnamro.com',
    refuse: withCertificate(form({ client_id: 'invented-id', scope: 'psd2:payment:sepa:write' })),
  },
  'a FAPI bank': {
    tokenUrl: 'https://auth.bank.example/token',
    api: 'https://api.bank.example',
    refuse: withCertificate(form({ ...assertion, scope: 'accounts' })),
  },
  'a server with resources': {
    tokenUrl: 'https://login.bank.example/oauth2/token',
    api: 'https://resources.bank.example',
    refuse: form({ ...SECRET, resource: ['https://resources.bank.example'] }),
  },
  GoCardless: {
    tokenUrl: 'https://bankaccountdata.gocardless.com/api/v2/token/new/',
    api: 'https://bankaccountdata.gocardless.com',
    refuse: ({ headers, body }) =>
      headers.get('content-type') === 'application/json' &&
      body === '{"secret_id":"invented-id","secret_key":"invented-secret"}'
        ? undefined
        : 'authentication failed',
    grant: (access) => ({ access, access_expires: 86_400, refresh: 'another', refresh_expires: 2_592_000 }),
  },
  ING: {
    tokenUrl: 'https://api.sandbox.ing.com/oauth2/token',
    api: 'https://api.sandbox.ing.com',
    refuse: withCertificate(({ headers, body }) => {
      const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
      const signed =
        /^Signature keyId="invented-id",algorithm="rsa-sha256",headers="\(request-target\) date digest",signature="[\w+/=]+"$/;
      const isSigned = headers.get('digest') === digest && signed.test(headers.get('authorization') ?? '');
      return isSigned && body === 'grant_type=client_credentials' ? undefined : 'invalid_client';
    }),
  },
  'Enable Banking': {
    tokenUrl: 'https://api.enablebanking.com/no-token-endpoint',
    api: 'https://api.enablebanking.com',
    refuse: () => 'there is no token endpoint',
    accepts: (token) => {
      const [header = '', claims = '', signature = ''] = token.split('.');
      const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
      const { iss, aud, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      const isRead = alg === 'RS256' && kid === 'invented-id' && iss === 'enablebanking.com' && exp - iat <= 86_400;
      const key = createPublicKey(enableBankingKey.privateKey);
      const bytes = Buffer.from(`${header}.${claims}`);
      return (
        isRead && aud === 'api.enablebanking.com' && verify('sha256', bytes, key, Buffer.from(signature, 'base64url'))
      );
    },
  },
};

/** Where the private key is whose public half Enable Banking has. */
export const enableBankingKey = { privateKey: '' };

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
    const error = this.#platform.refuse(request);
    if (error !== undefined) return Response.json({ error }, { status: error === 'invalid_client' ? 401 : 400 });
    const token = `token-${crypto.randomUUID()}`;
    this.#issued.add(token);
    const usual = { access_token: token, token_type: 'Bearer', expires_in: 3_600 };
    return Response.json(this.#platform.grant?.(token) ?? usual);
  }

  api(headers: Headers): Response {
    const token = headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
    if (this.#platform.accepts && !this.#revoked.has(token)) {
      if (this.#platform.accepts(token)) this.#issued.add(token);
    }
    if (this.#issued.has(token) && !this.#revoked.has(token)) return Response.json({ accounts: [] });
    return Response.json({}, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
  }
}
