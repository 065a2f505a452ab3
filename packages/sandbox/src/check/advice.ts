import type { ClientSecretConfig, OpenBankingAuthError } from '@open-banking-auth/core';
import { credentialDoubts } from '@open-banking-auth/core/client';
import type { Variables } from './io.js';
import { showScope, withVariableNames } from './settings.js';

/** What to do about a rejected or failed token request, the likeliest remedy first. */
export function tokenAdvice(error: OpenBankingAuthError, config: ClientSecretConfig, host: string): string[] {
  switch (error.code) {
    case 'invalid_client':
      // In place of the error's hint, which has the same doubts and names this check.
      return [
        ...credentialDoubts(config.clientId ?? '', String(config.clientSecret)).map(withVariableNames),
        environmentAdvice(host),
        'Has the secret been replaced in the portal since you copied it?',
      ];
    case 'invalid_scope': {
      const rejectedBySandbox = isSandbox(host) && String(config.scope).includes('aspspinformation');
      return [
        ...(rejectedBySandbox
          ? [
              'The platform\'s sandbox has been seen to reject "aspspinformation". "accountinformation private" covers the bank list too',
            ]
          : []),
        'Ask the platform for the missing API scopes, or remove them from OPEN_BANKING_SCOPE',
        withVariableNames(error.hint),
      ];
    }
    default:
      return [withVariableNames(error.hint)];
  }
}

function environmentAdvice(host: string): string {
  if (host === 'auth.openbankingplatform.com')
    return `The credentials were sent to production (${host}). The platform's sandbox has different ones: if these are for it, set OPEN_BANKING_ENVIRONMENT=sandbox`;
  if (isSandbox(host))
    return `The credentials were sent to the platform's sandbox (${host}). Production has different ones: if these are for production, set OPEN_BANKING_ENVIRONMENT=production`;
  return `The credentials were sent to ${host}. Do they belong to that host? A local sandbox prints its credentials when it starts`;
}

function isSandbox(host: string): boolean {
  return host.endsWith('.sandbox.openbankingplatform.com');
}

/** What to do about a failed connection, by Node's error code. */
export function networkAdvice(code: string | undefined, host: string, variables: Variables): string[] {
  const advice = adviceByCode(code, host);
  const proxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((name) => variables[name]);
  if (proxy !== undefined && variables.NODE_USE_ENV_PROXY !== '1')
    advice.push(
      `${proxy} is set, but Node's fetch ignores it: set NODE_USE_ENV_PROXY=1 too (Node 22.21, or 24 and newer)`,
    );
  return advice;
}

function adviceByCode(code: string | undefined, host: string): string[] {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`The name ${host} was not found: is this machine online, and is the name right?`];
    case 'ECONNREFUSED':
      return [
        host === '127.0.0.1' || host === 'localhost'
          ? 'Nothing listens there: is the local sandbox running, on this port?'
          : `${host} refused the connection: is the host right, and may this machine connect to it?`,
      ];
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return [`The certificate of ${host} is not valid today: is this machine's clock right?`];
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return [
        `Node does not know the authority that issued the certificate of ${host}. Your company's proxy may be intercepting the connection: add the proxy's authority with NODE_EXTRA_CA_CERTS=/path/to/ca.pem. Do not turn certificate checks off: this connection carries the secret`,
      ];
    default:
      return [`May this machine connect to ${host} over https? A firewall or a proxy may be blocking the connection`];
  }
}

/** What to do about a response of the API that is not the bank list. */
export function apiAdvice(
  status: number,
  code: string | undefined,
  scope: string,
  host: string,
  hasCertificate: boolean,
): string[] {
  if (code?.startsWith('CERTIFICATE_')) return [certificateAdvice(hasCertificate)];
  switch (status) {
    case 401:
      return [
        'Do the token host and the API belong to the same environment? Compare OPEN_BANKING_TOKEN_URL and OPEN_BANKING_API_URL',
        ...(host === PRODUCTION_API ? [certificateAdvice(hasCertificate)] : []),
      ];
    case 403:
      return [
        `The token's scope, "${showScope(scope)}", does not cover the bank list, which requires "accountinformation" or "aspspinformation". It may still be right for the calls that it covers`,
      ];
    case 404:
      return ['Is OPEN_BANKING_API_URL the origin of the API?'];
    case 429:
      return ['Too many requests: wait, then try again'];
    default:
      return status >= 500 ? ['The API, or a proxy in front of it, is failing: try again later'] : [];
  }
}

/** What to do if the API closed the connection before it responded. */
export function closedAdvice(code: string | undefined, host: string, hasCertificate: boolean): string[] {
  const demandsCertificate = code?.startsWith('ERR_SSL_') && /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code);
  // Without a TLS 1.3 alert, a demand for a certificate shows only as a closed connection.
  const closed = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET';
  return demandsCertificate || (closed && host === PRODUCTION_API) ? [certificateAdvice(hasCertificate)] : [];
}

const PRODUCTION_API = 'api.openbankingplatform.com';

function certificateAdvice(hasCertificate: boolean): string {
  return hasCertificate
    ? 'The API did not accept the client certificate: does it belong to this environment, and to this client?'
    : 'Production demands a client certificate on API calls, and this check sends none. The token itself is fine: set OPEN_BANKING_PFX and OPEN_BANKING_PFX_PASSPHRASE, or OPEN_BANKING_CERT and OPEN_BANKING_KEY, to send it';
}
