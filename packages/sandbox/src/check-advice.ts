import type { OpenBankingAuthConfig, OpenBankingAuthError } from '@open-banking-auth/core';
import { doubtsAbout, type Variables } from './check-settings.js';

/** What is to be done about a refused or failed token request, the likeliest first. */
export function tokenAdvice(error: OpenBankingAuthError, config: OpenBankingAuthConfig, host: string): string[] {
  switch (error.code) {
    case 'invalid_client':
      return [...doubtsAbout(config), whoseCredentials(host), 'Has the secret been replaced in the portal since?'];
    case 'invalid_scope': {
      const sandboxRefuses = isSandbox(host) && String(config.scope).includes('aspspinformation');
      return [
        ...(sandboxRefuses
          ? [
              'The platform\'s sandbox has been seen to refuse "aspspinformation"; "accountinformation private" opens the bank list too',
            ]
          : []),
        'Ask the platform for the API scopes that are missing, or take them out of OPEN_BANKING_SCOPE',
      ];
    }
    default:
      return [];
  }
}

function whoseCredentials(host: string): string {
  if (host === 'auth.openbankingplatform.com')
    return `They were sent to production (${host}). The sandbox has different ones: if these are the sandbox's, set OPEN_BANKING_ENVIRONMENT=sandbox`;
  if (isSandbox(host))
    return `They were sent to the platform's sandbox (${host}). Production has different ones: if these are production's, set OPEN_BANKING_ENVIRONMENT=production`;
  return `They were sent to ${host}. Are they of that host? A local sandbox prints those that it knows when it starts`;
}

function isSandbox(host: string): boolean {
  return host.endsWith('.sandbox.openbankingplatform.com');
}

/** What is to be done about a connection that failed, by the code that Node gives it. */
export function networkAdvice(code: string | undefined, host: string, variables: Variables): string[] {
  const advice = adviceByCode(code, host);
  const proxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((name) => variables[name]);
  if (proxy !== undefined && variables.NODE_USE_ENV_PROXY !== '1')
    advice.push(
      `${proxy} is set, but Node's fetch does not look at it: set NODE_USE_ENV_PROXY=1 too (Node 22.21, or 24 and newer)`,
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
          ? `Nothing listens there: is the local sandbox running, with this port?`
          : `${host} refused the connection: is the host right, and may this machine reach it?`,
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
        `Node does not know who signed the certificate of ${host}. A proxy of your company may stand in between: give Node its authority with NODE_EXTRA_CA_CERTS=/path/to/ca.pem. Do not switch the check of certificates off: the secret crosses this connection`,
      ];
    default:
      return [`May this machine reach ${host} over https? A firewall or a proxy may stand in between`];
  }
}

/** What is to be done about an answer of the API that is not the bank list. */
export function apiAdvice(status: number, code: string | undefined, scope: string, host: string): string[] {
  if (code?.startsWith('CERTIFICATE_')) return [certificateAdvice];
  switch (status) {
    case 401:
      return [
        'Are token host and API of the same environment? Look at OPEN_BANKING_TOKEN_URL and OPEN_BANKING_API_URL',
        ...(host === productionApi ? [certificateAdvice] : []),
      ];
    case 403:
      return [
        `The scope of the token, "${scope}", does not cover the bank list, which needs "accountinformation" or "aspspinformation". For calls that it covers it may be right`,
      ];
    case 404:
      return ['Is OPEN_BANKING_API_URL the origin of the API?'];
    case 429:
      return ['Too many calls: wait, and try again'];
    default:
      return status >= 500 ? ['The API is out of order, or a proxy in front of it: try again later'] : [];
  }
}

/** What is to be done if the API closed the connection before it answered. */
export function closedAdvice(code: string | undefined, host: string): string[] {
  const asksForOne = code?.startsWith('ERR_SSL_') && /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code);
  // Without TLS 1.3 alerts nothing more is heard than that the other side closed.
  const closed = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET';
  return asksForOne || (closed && host === productionApi) ? [certificateAdvice] : [];
}

const productionApi = 'api.openbankingplatform.com';

const certificateAdvice =
  'Production wants a client certificate on API calls, and this check sends none. The token is good all the same: go on with the certificate in your application';
