export type { AccessToken } from './access-token.js';
export type { Clock } from './clock.js';
export type {
  ClientAuthentication,
  ClientCertificateOnly,
  ClientCredentials,
  ClientKey,
  ClientKeyPair,
  ClientSecret,
  MaybeSealedStore,
  NoStore,
  PrivateJwk,
  SealedStore,
  SigningAlgorithm,
  SigningKey,
} from './config/client.js';
export type { RequestAuthOptions } from './config/request-options.js';
export type { PsuContext, WithContext } from './config/scope.js';
export type {
  ClientSecretConfig,
  CommonOptions,
  EnvironmentHosts,
  OpenBankingAuthConfig,
  OwnHosts,
  PlatformTokenUrl,
} from './config/settings.js';
export type { RequestedToken, TokenFunction, TokenFunctionRequest } from './config/token-function.js';
export { isOpenBankingAuthError, OpenBankingAuthError, type OpenBankingAuthErrorCode } from './errors.js';
export type { AuthEvent, EventStamp, StoreOperation, TokenRequestReason, VerdictReason } from './events.js';
export { type OpenBankingFetch, openBankingFetch } from './fetch.js';
export type { OpenBankingRequestInit } from './fetch-call.js';
export { memoryTokenStore } from './store/memory-store.js';
export { createTokenSource, type TokenSource } from './token-source.js';
export type { TokenStore } from './token-store.js';
