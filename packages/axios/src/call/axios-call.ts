import { type AddedHeaders, copyBody, isOneShot } from '@open-banking-auth/core/client';
import type { AxiosRequestHeaders, InternalAxiosRequestConfig } from 'axios';
import { discardBody } from '../response/response-body.js';
import { whenBodyFails } from '../response/stream-errors.js';
import { asGiven, resolvedUrl, type UrlParts, urlPartsOf } from './request-url.js';

/**
 * One request as it was when the call was made. This copy alone is judged and sent: the caller's config, which others may
 * hold and change, is not read again and never has the token.
 */
export class AxiosCall {
  /** The caller's own. Responses and errors carry it. */
  readonly config: InternalAxiosRequestConfig;
  /** The copy, for the adapter. */
  readonly sent: InternalAxiosRequestConfig;
  readonly urlParts: UrlParts;
  /** The URL that axios makes of them. */
  readonly url: string;
  /** As it was given: of any type, whatever its declaration says. */
  readonly timeout: unknown;
  /** By `performance.now()`, if there is a timeout. */
  readonly startedAt: number;
  /** Whether an adapter has been given the copy, and so its body. */
  isSent = false;
  /** Whether the copy is ready to carry a token. */
  isSecured = false;
  /** Whether a form was asked for, and bytes are in its place until it is known whether the response is final. */
  asksForForm = false;
  /** Whether nobody but axios' own adapter sees the copy. */
  isUnseen = false;
  readonly #ownHeaders: AxiosRequestHeaders;
  readonly #givenUrl: unknown;
  readonly #givenBaseURL: unknown;
  readonly #ownBody: unknown;
  #isHeld = false;
  #validateStatus: ((status: number) => boolean) | undefined;

  constructor(config: InternalAxiosRequestConfig) {
    this.config = config;
    this.sent = copyOf(config);
    this.#ownHeaders = config.headers;
    this.#ownBody = config.data;
    this.sent.headers = copyOfHeaders(config.headers);
    this.urlParts = urlPartsOf(this.sent);
    this.#givenUrl = this.sent.url;
    this.#givenBaseURL = this.sent.baseURL;
    this.url = resolvedUrl(this.urlParts);
    this.timeout = this.sent.timeout;
    this.startedAt = this.timeout ? performance.now() : 0;
  }

  get isRepeatable(): boolean {
    return !isOneShot(this.sent.data);
  }

  /** Closes a body that nobody will read, and with it a file or a connection. */
  closeUnsent(): void {
    if (this.isSent || this.isRepeatable) return;
    // A file that is not there fails after it was closed.
    whenBodyFails(this.sent.data, () => {});
    discardBody(this.sent.data);
  }

  /** Puts the headers on the copy, and makes sure that it still has the URL that was judged. */
  prepare({ authorization, requestId }: AddedHeaders): InternalAxiosRequestConfig {
    const { sent, urlParts } = this;
    const url = asGiven(this.#givenUrl, urlParts.url);
    const baseURL = asGiven(this.#givenBaseURL, urlParts.baseURL);
    // An adapter that was given the copy for a first send may have changed it.
    if (sent.url !== url) setOrDelete(sent, 'url', url);
    if (sent.baseURL !== baseURL) setOrDelete(sent, 'baseURL', baseURL);
    if (sent.allowAbsoluteUrls !== urlParts.allowAbsoluteUrls) {
      setOrDelete(sent, 'allowAbsoluteUrls', urlParts.allowAbsoluteUrls);
    }
    // Assigned, since `set` would validate the whole token again, which was done when it was received.
    if (authorization !== undefined) sent.headers.Authorization = authorization;
    if (requestId !== undefined) sent.headers['X-Request-ID'] = requestId;
    return sent;
  }

  /** After a send: takes the added headers away, and does to the caller's headers what the adapter did to the others. */
  finish({ authorization, requestId }: AddedHeaders): void {
    const { headers } = this.sent;
    const own = this.#ownHeaders;
    const isOurs = (name: string) =>
      (authorization !== undefined && isNamed(name, 'authorization')) ||
      (requestId !== undefined && isNamed(name, 'x-request-id'));
    const names = Object.keys(headers);
    for (const name of names) {
      if (own[name] !== headers[name] && !isOurs(name)) own[name] = headers[name];
    }
    for (const name of Object.keys(own)) if (!Object.hasOwn(headers, name)) delete own[name];
    // From the last, or not at all: an object is slow from then on if it loses a property other than its last. To axios, a
    // header without a value is none.
    for (const name of names.reverse()) {
      if (!isOurs(name)) continue;
      if (this.isUnseen) Reflect.set(headers, name, undefined);
      else delete headers[name];
    }
  }

  /**
   * Gives a response or an error the caller's config in place of the copy. A copy that an adapter has made of it loses the
   * token.
   */
  restoreConfig(holder: { config?: unknown }, { authorization }: AddedHeaders): void {
    const { config } = holder;
    if (config === this.sent) holder.config = this.config;
    else if (authorization !== undefined) dropHeader(headersOf(config), authorization);
  }

  /** Makes the adapter bring a 401 as a response: axios' error of it takes longer than all the rest, and most are not final. */
  let401Through(): void {
    const { validateStatus } = this.sent;
    if (typeof validateStatus !== 'function') return;
    this.#validateStatus = validateStatus;
    this.sent.validateStatus = (status) => status === 401 || validateStatus(status);
  }

  /** Whether a 401 that was let through is an error to the caller. */
  rejects401(): boolean {
    const validateStatus = this.#validateStatus;
    return validateStatus !== undefined && !validateStatus(401);
  }

  /** For a request that somebody sends again: its body, if it is still the same, as it was the first time. */
  holdBodyOf(first: AxiosCall): void {
    if (this.#ownBody === first.#ownBody) this.sent.data = first.sent.data;
  }

  /** Copies what is read only when the request is sent, or sent again, and could be changed until then. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    const { params, data } = this.sent;
    if (isMutable(data)) this.sent.data = copyBody(data);
    if (params instanceof URLSearchParams) this.sent.params = new URLSearchParams(params);
    else if (isPlain(params)) this.sent.params = { ...params };
  }
}

/** Bytes and forms: all else that axios sends is text by now, cannot change, or is read only once. */
function isMutable(data: unknown): data is ArrayBuffer | FormData | URLSearchParams {
  if (typeof data !== 'object' || data === null) return false;
  return (
    ArrayBuffer.isView(data) ||
    /\[object (?:ArrayBuffer|FormData|URLSearchParams)\]/.test(Object.prototype.toString.call(data))
  );
}

/** Whether a spread copies all of it. An object of a class may have what only a serializer of the caller's reads. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** For copies of a config: like axios' own, they have no `Object.prototype` behind them. */
class ConfigCopy {}
Object.setPrototypeOf(ConfigCopy.prototype, null);

/** By a loop: axios makes configs of a kind that V8 spreads and assigns five times as slowly. */
function copyOf<Source extends object>(source: Source): Source {
  const copy = new ConfigCopy() as Source;
  for (const key in source) copy[key] = source[key];
  return copy;
}

function copyOfHeaders(headers: AxiosRequestHeaders): AxiosRequestHeaders {
  return Object.assign(Object.create(Object.getPrototypeOf(headers)), headers);
}

function headersOf(config: unknown): unknown {
  return typeof config === 'object' && config !== null && 'headers' in config ? config.headers : undefined;
}

function dropHeader(headers: unknown, authorization: string): void {
  if (typeof headers !== 'object' || headers === null) return;
  for (const [name, value] of Object.entries(headers)) {
    if (value === authorization) Reflect.deleteProperty(headers, name);
  }
}

function isNamed(name: string, lowerCase: string): boolean {
  return name.length === lowerCase.length && name.toLowerCase() === lowerCase;
}

function setOrDelete(sent: object, name: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(sent, name);
  else Reflect.set(sent, name, value);
}
