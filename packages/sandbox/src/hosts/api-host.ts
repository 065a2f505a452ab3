import type { PresentedCertificate } from '../certificate/client-certificate.js';
import { accountList, bankDetails, bankList, consentCreated, consentDetails, paymentCreated } from './bank.js';
import { bearerOf, type HostRequest, requestIdOf } from './host.js';
import type { IssuedTokens } from './issued-tokens.js';
import { type HostResponse, json, tppError } from './response.js';
import { MISSING_TOKEN, type UnauthorizedShape, unauthorized, WRONG_PATH } from './unauthorized.js';

interface ApiHost {
  readonly tokens: IssuedTokens;
  readonly unauthorizedShape: UnauthorizedShape;
  readonly demandsCertificate: boolean;
}

interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** A trailing star stands for one path segment, which is passed to `respond`. */
  readonly path: string;
  readonly respond: (segment: string, request: HostRequest) => HostResponse;
}

/** A token is valid for a service if its scope has one of these words. */
const SCOPES_BY_SERVICE = new Map([
  ['aspspinformation', ['aspspinformation', 'accountinformation']],
  ['consent', ['accountinformation']],
  ['accountinformation', ['accountinformation']],
  ['paymentinitiation', ['paymentinitiation']],
  ['bankgiroinformation', ['bankgiroinformation']],
]);

const ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/psd2/aspspinformation/v1/aspsps', respond: bankList },
  { method: 'GET', path: '/psd2/aspspinformation/v1/aspsps/*', respond: bankDetails },
  { method: 'POST', path: '/psd2/consent/v1/consents', respond: consentCreated },
  { method: 'GET', path: '/psd2/consent/v1/consents/*', respond: consentDetails },
  {
    method: 'GET',
    path: '/psd2/accountinformation/v1/accounts',
    respond: (_, { headers }) => accountList(headers['consent-id']),
  },
  { method: 'POST', path: '/psd2/paymentinitiation/v1/payments/*', respond: paymentCreated },
];

/** Products of the platform of which nothing is imitated here. */
const OTHER_PRODUCTS = /^\/(?:(?:psd2\/)?premium\/v1|kyc)\//;

const NOTHING_THERE = tppError(404, 'RESOURCE_UNKNOWN', 'There is nothing at this path');

// Most requests without it are those that went past the library, which adds it together with the token.
const NO_REQUEST_ID =
  'The header X-Request-ID is missing or is not a UUID. openBankingAuth and openBankingFetch add it: did this request go through the client that they were given to, or returned?';

export function handleApiRequest(request: HostRequest, host: ApiHost): HostResponse {
  const certificateError = host.demandsCertificate ? certificateErrorOf(request.certificate) : undefined;
  if (certificateError) return certificateError;
  const service = serviceOf(request.path);
  const known = service !== undefined || request.path === '/echo' || OTHER_PRODUCTS.test(request.path);
  if (!known) return WRONG_PATH;
  if (requestIdOf(request) === undefined) return tppError(400, 'FORMAT_ERROR', NO_REQUEST_ID);

  const token = bearerOf(request.headers);
  if (token === undefined) return MISSING_TOKEN;
  const verdict = host.tokens.judge(token);
  if ('rejection' in verdict) return unauthorized(verdict.rejection, host.unauthorizedShape);
  if (request.path === '/echo') return echo(request);
  if (service === undefined) return NOTHING_THERE;

  const words = verdict.scope.split(' ');
  if (!SCOPES_BY_SERVICE.get(service)?.some((scope) => words.includes(scope)))
    return tppError(403, 'SERVICE_BLOCKED', 'The token does not cover this service');
  return respond(request);
}

// Always a `tppMessages` body, whatever the shape of other 401s: a challenge would blame the token.
function certificateErrorOf(certificate: PresentedCertificate | undefined): HostResponse | undefined {
  if (certificate === undefined) return tppError(401, 'CERTIFICATE_MISSING', 'The client certificate is missing');
  if (!certificate.accepted)
    return tppError(401, 'CERTIFICATE_INVALID', 'The client certificate was issued by another authority');
  return undefined;
}

function serviceOf(path: string): string | undefined {
  const [, root, service = '', version] = path.split('/');
  return root === 'psd2' && version === 'v1' && SCOPES_BY_SERVICE.has(service) ? service : undefined;
}

function respond(request: HostRequest): HostResponse {
  const allowed: string[] = [];
  for (const endpoint of ENDPOINTS) {
    const segment = matchPath(endpoint.path, request.path);
    if (segment === undefined) continue;
    if (endpoint.method === request.method) return endpoint.respond(segment, request);
    allowed.push(endpoint.method);
  }
  if (allowed.length === 0) return NOTHING_THERE;
  const headers = { Allow: allowed.join(', ') };
  return tppError(405, 'SERVICE_INVALID', `This path supports only ${headers.Allow}`, headers);
}

function matchPath(pattern: string, path: string): string | undefined {
  if (!pattern.endsWith('*')) return pattern === path ? '' : undefined;
  const folder = pattern.slice(0, -1);
  const segment = path.startsWith(folder) ? path.slice(folder.length) : '';
  return segment === '' || segment.includes('/') ? undefined : segment;
}

function echo({ method, headers, body }: HostRequest): HostResponse {
  return json(200, { method, headers, bodyBase64: body.toString('base64') });
}
