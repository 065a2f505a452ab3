import { type BearerAuth, type ClientAdapter, isOneShot, ownAuthorization } from '@open-banking-auth/core/client';
import axios, {
  type AxiosAdapter,
  AxiosError,
  type AxiosResponse,
  CanceledError,
  type InternalAxiosRequestConfig,
  isAxiosError,
} from 'axios';
import { hideRequest } from './hide-from-inspection.js';
import { installHidingAgents } from './hiding-agent.js';
import { discardBody, peekBody } from './response-body.js';
import { ThrownResponse } from './thrown-response.js';

type Response = AxiosResponse | ThrownResponse;
type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

const ABSOLUTE_URL = /^(?:[a-z][a-z\d+\-.]*:)?\/\//i;

/** Reads and sends requests at the level of an axios adapter, where `config` is final and bodies are serialised. */
export function clientAdapter(
  bearerAuth: BearerAuth,
  send: AxiosAdapter,
): ClientAdapter<InternalAxiosRequestConfig, Response> {
  /** The http adapter's transport keeps `Authorization` on a redirect to a subdomain; a token is for whole origins. */
  const dropElsewhere: BeforeRedirect = (options) => {
    if (bearerAuth.mayHaveToken(String(options.href))) return;
    for (const name of Object.keys(options.headers)) {
      if (name.toLowerCase() === 'authorization') delete options.headers[name];
    }
  };

  return {
    url: resolvedUrl,
    isRelative: (config) => Boolean(config.baseURL) && isRelative(config),
    options: (config) => config.openBanking,
    hasAuthorization: ({ headers, auth }) =>
      Boolean(auth) || (headers.has('Authorization') && ownAuthorization(headers.get('Authorization'))),
    hasRequestId: ({ headers }) => headers.has('X-Request-ID'),
    isRepeatable: ({ data }) => !isOneShot(data),
    wait: waitWithin,

    async send(config, { authorization, requestId }) {
      const { headers, beforeRedirect } = config;
      let restoreAgents: (() => void) | undefined;
      // Only for the duration of the send: a later log or retry sees the caller's config as it was. Assigned, since `set`
      // would validate the whole token again, which was done when it was received.
      if (authorization !== undefined) {
        headers.Authorization = authorization;
        config.beforeRedirect = beforeRedirect ? inTurn(dropElsewhere, beforeRedirect) : dropElsewhere;
        restoreAgents = installHidingAgents(config);
      }
      if (requestId !== undefined) headers['X-Request-ID'] = requestId;
      try {
        const response = await send(config);
        if (authorization !== undefined) hideRequest(response);
        return response;
      } catch (error) {
        if (!isAxiosError(error)) throw error;
        if (authorization !== undefined) {
          hideRequest(error);
          hideRequest(error.response);
        }
        if (error.response?.status === 401) return new ThrownResponse(error, error.response);
        throw error;
      } finally {
        // In reverse order: an object is slow from then on if it loses a property other than its last.
        if (requestId !== undefined) headers.delete('X-Request-ID');
        if (authorization !== undefined) {
          headers.delete('Authorization');
          restoreAgents?.();
          if (beforeRedirect) config.beforeRedirect = beforeRedirect;
          else delete config.beforeRedirect;
        }
      }
    },

    status: (response) => (response instanceof ThrownResponse ? 401 : response.status),
    finalUrl: (response) => finalUrl(axiosResponseOf(response).request),
    challenge: (response) => challenge(axiosResponseOf(response).headers),
    peekBody: (response, signal) => peekBody(axiosResponseOf(response), signal),
    discard: (response) => discardBody(axiosResponseOf(response).data),
  };
}

function inTurn(first: BeforeRedirect, second: BeforeRedirect): BeforeRedirect {
  return (...details) => {
    first(...details);
    second(...details);
  };
}

function axiosResponseOf(response: Response): AxiosResponse {
  return response instanceof ThrownResponse ? response.response : response;
}

/** Older versions read `allowAbsoluteUrls: false` with one adapter, or none, or only with a base. */
const obeysAllowAbsoluteUrls = isAtLeast(axios.VERSION, [1, 8, 4]);

function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  const differing = wanted.findIndex((part, index) => part !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (wanted[differing] ?? 0);
}

function isRelative({ url, allowAbsoluteUrls }: InternalAxiosRequestConfig): boolean {
  return allowAbsoluteUrls === false || !ABSOLUTE_URL.test(url ?? '');
}

/** The URL that axios itself makes of baseURL and url, without the query. Empty if that is not certain. */
function resolvedUrl(config: InternalAxiosRequestConfig): string {
  const { baseURL, url = '', allowAbsoluteUrls } = config;
  if (allowAbsoluteUrls === false && !obeysAllowAbsoluteUrls && ABSOLUTE_URL.test(url)) return '';
  if (!baseURL || !isRelative(config)) return url;
  return url === '' ? baseURL : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}

/** After redirects; the http adapter's transport notes it on the message, the fetch adapter does not say. */
function finalUrl(request: unknown): string | undefined {
  const message = member(request, 'res');
  const url = member(message, 'responseUrl');
  return typeof url === 'string' ? url : undefined;
}

function challenge(headers: AxiosResponse['headers']): string | undefined {
  const value: unknown = member(headers, 'www-authenticate');
  return Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** A wait for a token ends as a request of axios ends: on `signal`, on `cancelToken`, and after `timeout`. */
async function waitWithin<T>(
  config: InternalAxiosRequestConfig,
  task: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const { signal, cancelToken, timeout } = config;
  if (!signal && !cancelToken && !timeout) return task(undefined);

  const controller = new AbortController();
  const cancel = () => controller.abort(new CanceledError(undefined, config));
  const expire = () => controller.abort(timeoutError(config));
  const timer = timeout ? AbortSignal.timeout(timeout) : undefined;
  if (signal?.aborted) cancel();
  signal?.addEventListener?.('abort', cancel);
  timer?.addEventListener('abort', expire);
  // Its promise stays for as long as the token may be cancelled; the controller it holds is small.
  void cancelToken?.promise.then(cancel);
  try {
    cancelToken?.throwIfRequested();
    return await task(controller.signal);
  } finally {
    signal?.removeEventListener?.('abort', cancel);
    timer?.removeEventListener('abort', expire);
  }
}

function timeoutError(config: InternalAxiosRequestConfig): AxiosError {
  return new AxiosError(
    config.timeoutErrorMessage ?? `timeout of ${config.timeout}ms exceeded`,
    config.transitional?.clarifyTimeoutError ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED,
    config,
  );
}
