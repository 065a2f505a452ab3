import { leaveQueue } from './hidden-queue.js';
import { hideFromInspection, hideMember, isObject } from './hide-from-inspection.js';

/** What the request objects of the http adapter's transports keep of the headers. Under follow-redirects a request is two. */
interface SentRequest {
  _header?: unknown;
  readonly _headerSent?: unknown;
  readonly outputData?: readonly unknown[];
  readonly destroyed?: unknown;
  readonly _options?: { readonly headers?: { Authorization?: unknown } };
  readonly _redirectable?: unknown;
  readonly _currentRequest?: unknown;
}

/**
 * Takes the token out of a request object that a response or an error leads to, where a walk through its members would
 * come to it. `getHeader` still returns it.
 */
export function concealRequest(request: unknown, authorization: string): void {
  if (!isObject(request)) return;
  hideFromInspection(request);
  const { _redirectable, _currentRequest }: SentRequest = request;
  forget(request, authorization);
  if (isObject(_redirectable)) forget(_redirectable, authorization);
  if (isObject(_currentRequest)) forget(_currentRequest, authorization);
}

/** Hides the members that lead to the token, of a request that is yet to be sent. A slow way, at 15 µs. */
export function hideHeaders(request: object): void {
  for (const name of ['_header', 'outputData', '_options', '_redirectable']) hideMember(request, name);
  const outHeaders = outHeadersOf(request);
  if (outHeaders) hideMember(request, outHeaders);
}

function forget(request: SentRequest, authorization: string): void {
  const { _header, outputData, _options } = request;
  const headers = _options?.headers;
  if (headers?.Authorization === authorization) delete headers.Authorization;
  if (_header === undefined) return;
  // Yet to be sent, or given up before it was.
  if (!request._headerSent || outputData?.length) {
    hideHeaders(request);
    leaveQueue(request);
    return;
  }
  // From now on it only matters that there is one.
  request._header = '[not shown, it holds the access token]';
  const byName: unknown = Reflect.get(request, outHeadersOf(request) ?? '');
  if (isObject(byName)) hideMember(byName, 'authorization');
}

/** Node.js' own name for the headers by name, a symbol that it does not export. */
let outHeaders: symbol | undefined;

function outHeadersOf(request: object): symbol | undefined {
  outHeaders ??= Object.getOwnPropertySymbols(request).find(({ description }) => description === 'kOutHeaders');
  return outHeaders;
}
