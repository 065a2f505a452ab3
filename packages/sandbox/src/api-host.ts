import { type Answer, json, tppError } from './answer.js';
import { accountList, bankDetails, bankList, consentCreated, consentDetails, paymentCreated } from './bank.js';
import type { HostRequest } from './host.js';
import type { IssuedTokens } from './issued-tokens.js';
import { missingToken, type UnauthorizedShape, unauthorized, wrongPath } from './unauthorized.js';

interface ApiHost {
  readonly tokens: IssuedTokens;
  readonly unauthorizedShape: UnauthorizedShape;
}

interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** A star stands for one segment of the path, which is given to `answer`. */
  readonly path: string;
  readonly answer: (segment: string, request: HostRequest) => Answer;
}

/** One word of these in the token's scope opens the service. */
const scopesOfServices = new Map([
  ['aspspinformation', ['aspspinformation', 'accountinformation']],
  ['consent', ['accountinformation']],
  ['accountinformation', ['accountinformation']],
  ['paymentinitiation', ['paymentinitiation']],
  ['bankgiroinformation', ['bankgiroinformation']],
]);

const endpoints: readonly Endpoint[] = [
  { method: 'GET', path: '/psd2/aspspinformation/v1/aspsps', answer: bankList },
  { method: 'GET', path: '/psd2/aspspinformation/v1/aspsps/*', answer: bankDetails },
  { method: 'POST', path: '/psd2/consent/v1/consents', answer: consentCreated },
  { method: 'GET', path: '/psd2/consent/v1/consents/*', answer: consentDetails },
  {
    method: 'GET',
    path: '/psd2/accountinformation/v1/accounts',
    answer: (_, { headers }) => accountList(headers['consent-id']),
  },
  { method: 'POST', path: '/psd2/paymentinitiation/v1/payments/*', answer: paymentCreated },
];

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** The API. */
export function answerApiRequest(request: HostRequest, host: ApiHost): Answer {
  const service = serviceOf(request.path);
  if (service === undefined && request.path !== '/echo') return wrongPath;
  if (requestIdOf(request) === undefined)
    return tppError(400, 'FORMAT_ERROR', 'The header X-Request-ID is missing or is not a UUID');

  const token = bearerOf(request.headers);
  if (token === undefined) return missingToken;
  const verdict = host.tokens.judge(token);
  if ('refusal' in verdict) return unauthorized(verdict.refusal, host.unauthorizedShape);
  if (service === undefined) return echo(request);

  const words = verdict.scope.split(' ');
  if (!scopesOfServices.get(service)?.some((scope) => words.includes(scope)))
    return tppError(403, 'SERVICE_BLOCKED', 'The token does not cover this service');
  return answerService(request);
}

/** The request's X-Request-ID, if it is a UUID. */
export function requestIdOf({ headers }: HostRequest): string | undefined {
  const id = headers['x-request-id'];
  return id !== undefined && uuid.test(id) ? id : undefined;
}

function serviceOf(path: string): string | undefined {
  const [, root, service = '', version] = path.split('/');
  return root === 'psd2' && version === 'v1' && scopesOfServices.has(service) ? service : undefined;
}

/** The bearer token in these headers, if there is one and no other credential. */
export function bearerOf(headers: HostRequest['headers']): string | undefined {
  return /^bearer +([^\s,]+)$/i.exec(headers.authorization ?? '')?.[1];
}

function answerService(request: HostRequest): Answer {
  const allowed: string[] = [];
  for (const { method, path, answer } of endpoints) {
    const segment = matchPath(path, request.path);
    if (segment === undefined) continue;
    if (method === request.method) return answer(segment, request);
    allowed.push(method);
  }
  if (allowed.length === 0) return tppError(404, 'RESOURCE_UNKNOWN', 'There is nothing at this path');
  const headers = { Allow: allowed.join(', ') };
  return tppError(405, 'SERVICE_INVALID', `This path answers ${headers.Allow} only`, headers);
}

function matchPath(pattern: string, path: string): string | undefined {
  if (!pattern.endsWith('*')) return pattern === path ? '' : undefined;
  const folder = pattern.slice(0, -1);
  const segment = path.startsWith(folder) ? path.slice(folder.length) : '';
  return segment === '' || segment.includes('/') ? undefined : segment;
}

function echo({ method, headers, body }: HostRequest): Answer {
  return json(200, { method, headers, bodyBase64: body.toString('base64') });
}
