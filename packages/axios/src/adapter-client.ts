import { type Exchange, type HttpClient, isOneShot } from '@open-banking-auth/core/client';
import axios, {
  type AxiosAdapter,
  AxiosError,
  type AxiosResponse,
  CanceledError,
  type InternalAxiosRequestConfig,
  isAxiosError,
} from 'axios';
import { discardBody, lookAtBody } from './answer-body.js';
import { Refusal } from './refusal.js';
import { hideRequest } from './unprinted.js';
import { markRequestsOf } from './unprinted-agent.js';

type Answer = AxiosResponse | Refusal;
type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

const ABSOLUTE_URL = /^(?:[a-z][a-z\d+\-.]*:)?\/\//i;

/** How requests are read and sent at the level of an axios adapter, where `config` is final and bodies are serialised. */
export function adapterClient(exchange: Exchange, send: AxiosAdapter): HttpClient<InternalAxiosRequestConfig, Answer> {
  /** The http adapter's transport keeps `Authorization` on a redirect to a subdomain; a token is for whole origins. */
  const dropAbroad: BeforeRedirect = (options) => {
    if (exchange.mayHaveToken(String(options.href))) return;
    for (const name of Object.keys(options.headers)) {
      if (name.toLowerCase() === 'authorization') delete options.headers[name];
    }
  };

  return {
    url: resolvedUrl,
    isRelative: (config) => Boolean(config.baseURL) && isRelative(config),
    options: (config) => config.openBanking,
    hasAuthorization: ({ headers, auth }) => Boolean(auth) || headers.has('Authorization'),
    hasRequestId: ({ headers }) => headers.has('X-Request-ID'),
    isRepeatable: ({ data }) => !isOneShot(data),
    wait: waitWithin,

    async send(config, { authorization, requestId }) {
      const { headers, beforeRedirect } = config;
      let putBackAgents: (() => void) | undefined;
      // On the request for as long as it is sent: what is logged or retried later is the caller's config as it was.
      // Assigned, not set: `set` would read through the whole token, which has been checked when it was received.
      if (authorization !== undefined) {
        headers.Authorization = authorization;
        config.beforeRedirect = beforeRedirect ? inTurn(dropAbroad, beforeRedirect) : dropAbroad;
        putBackAgents = markRequestsOf(config);
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
        if (error.response?.status === 401) return new Refusal(error, error.response);
        throw error;
      } finally {
        // In reverse: an object that loses a property other than its last is slow from then on.
        if (requestId !== undefined) headers.delete('X-Request-ID');
        if (authorization !== undefined) {
          headers.delete('Authorization');
          putBackAgents?.();
          if (beforeRedirect) config.beforeRedirect = beforeRedirect;
          else delete config.beforeRedirect;
        }
      }
    },

    status: (answer) => (answer instanceof Refusal ? 401 : answer.status),
    finalUrl: (answer) => finalUrl(responseOf(answer).request),
    challenge: (answer) => challenge(responseOf(answer).headers),
    look: (answer, signal) => lookAtBody(responseOf(answer), signal),
    discard: (answer) => discardBody(responseOf(answer).data),
  };
}

function inTurn(first: BeforeRedirect, second: BeforeRedirect): BeforeRedirect {
  return (...details) => {
    first(...details);
    second(...details);
  };
}

function responseOf(answer: Answer): AxiosResponse {
  return answer instanceof Refusal ? answer.response : answer;
}

/** Older ones read `allowAbsoluteUrls: false` with one adapter, or none, or only with a base. */
const obeysAllowAbsoluteUrls = isAtLeast(axios.VERSION, [1, 8, 4]);

function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  const differing = wanted.findIndex((part, index) => part !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (wanted[differing] ?? 0);
}

function isRelative({ url, allowAbsoluteUrls }: InternalAxiosRequestConfig): boolean {
  return allowAbsoluteUrls === false || !ABSOLUTE_URL.test(url ?? '');
}

/** What axios itself makes of baseURL and url, without the query. Nothing, if that is not certain. */
function resolvedUrl(config: InternalAxiosRequestConfig): string {
  const { baseURL, url = '', allowAbsoluteUrls } = config;
  if (allowAbsoluteUrls === false && !obeysAllowAbsoluteUrls && ABSOLUTE_URL.test(url)) return '';
  if (!baseURL || !isRelative(config)) return url;
  return url === '' ? baseURL : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}

/** After redirects; the http adapter's transport notes it on the message, the fetch adapter does not tell. */
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
