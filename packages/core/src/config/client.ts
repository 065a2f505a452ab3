import type { TokenStore } from '../token-store.js';

/** How a client authenticates (RFC 6749 section 2.3.1, RFC 7523, RFC 8705), by the names of RFC 7591 and OpenID Connect. */
export type ClientAuthentication = ClientCredentials['clientAuthentication'] & string;

/** The client, and how it proves that it is this client. */
export type ClientCredentials =
  | ClientSecret
  | (ClientKeyPair & MaybeSealedStore)
  | (ClientCertificateOnly & MaybeSealedStore);

/** A client with a secret. */
export interface ClientSecret {
  /** Client id, from the platform's portal. Required; typed with `undefined` so that `process.env.…` fits as it is. */
  readonly clientId: string | undefined;
  /**
   * Client secret, from the platform's portal. Required. A function is called for every token request, so that a rotated
   * secret takes effect without a restart.
   */
  readonly clientSecret: string | (() => string | Promise<string>) | undefined;
  /**
   * How the client authenticates. Default: `client_secret_post`, which the platform documents. Outside openpayments.io also
   * `private_key_jwt`, with a `clientKey`, and `tls_client_auth`, with the certificate in `fetch`.
   */
  readonly clientAuthentication?: 'client_secret_post' | 'client_secret_basic' | undefined;
  /** Not given: see {@link ClientKeyPair}. */
  readonly clientKey?: undefined;
  /** Not given: the key of the store is derived from the client secret. */
  readonly storeSecret?: undefined;
}

/** A client that signs an assertion with its private key for every token request (RFC 7523). */
export interface ClientKeyPair {
  readonly clientAuthentication: 'private_key_jwt';
  /** As in {@link ClientSecret}. */
  readonly clientId: string | undefined;
  /** The private key. A function is called for every token request, so that a rotated key takes effect without a restart. */
  readonly clientKey: ClientKey | (() => ClientKey | Promise<ClientKey>);
  /** Not given: the key is in its place. */
  readonly clientSecret?: undefined;
}

/** A client that is known by the certificate of its TLS connection (RFC 8705). */
export interface ClientCertificateOnly {
  readonly clientAuthentication: 'tls_client_auth';
  /** As in {@link ClientSecret}. */
  readonly clientId: string | undefined;
  /** Sends the token request with the certificate: `certificate.fetch`, of `clientCertificate`. */
  readonly fetch: typeof fetch;
  /** Not given: the certificate is in its place. */
  readonly clientSecret?: undefined;
  /** Not given: the certificate is in its place. */
  readonly clientKey?: undefined;
}

/** A private key, and how it is used. */
export type ClientKey = {
  /** Which key it is, as registered with the server. Default: that of the JWK, or none. */
  readonly kid?: string | undefined;
  /** `aud` of the assertion: what the server expects there. Default: the token URL. Some servers expect their issuer. */
  readonly audience?: string | undefined;
} & (
  | {
      /** A private key for signing, as a `CryptoKey`, which says itself what its algorithm is. */
      readonly key: SigningKey;
      readonly algorithm?: undefined;
    }
  | {
      /** The private key as a JWK (RFC 7517). */
      readonly key: PrivateJwk;
      /** How to sign. Default: the `alg` of the JWK. */
      readonly algorithm?: SigningAlgorithm | undefined;
    }
  | {
      /** The content of a PEM file with an unencrypted PKCS#8 key: `-----BEGIN PRIVATE KEY-----`. Not its path. */
      readonly key: string;
      /** How to sign. */
      readonly algorithm: SigningAlgorithm;
    }
);

/** A `CryptoKey`, for consumers whose compiler does not know that type. */
export interface SigningKey {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: { readonly name: string };
  readonly usages: readonly string[];
}

/** A private key as a JWK: what `JSON.parse` makes of its file. */
export type PrivateJwk = {
  readonly kty?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly ext?: boolean | undefined;
  readonly oth?: readonly object[] | undefined;
} & {
  readonly [member in 'alg' | 'crv' | 'd' | 'dp' | 'dq' | 'e' | 'kid' | 'n' | 'p' | 'q' | 'qi' | 'use' | 'x' | 'y']?:
    | string
    | undefined;
};

/** Signature algorithms of assertions (RFC 7518 section 3.1). */
export type SigningAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512';

/** A store of which the key is not derived from a client secret, because there is none. */
export type MaybeSealedStore = NoStore | SealedStore;

/** Tokens stay in the memory of the source. */
export interface NoStore {
  readonly store?: undefined;
  readonly storeSecret?: string | undefined;
}

/** A store, and the secret that protects its values. */
export interface SealedStore {
  readonly store: TokenStore | undefined;
  /**
   * The secret from which the key of the store's values is derived: 32 characters or more, random, the same in all
   * processes, and used for nothing else. Required with `store`.
   */
  readonly storeSecret: string | undefined;
}
