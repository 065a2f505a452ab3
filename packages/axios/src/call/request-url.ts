import axios, { type InternalAxiosRequestConfig } from 'axios';

/** The parts of a request that its URL is made of; as text, since an object could give another one each time. */
export interface UrlParts {
  readonly url: string | undefined;
  readonly baseURL: string | undefined;
  readonly allowAbsoluteUrls: boolean | undefined;
}

const ABSOLUTE_URL = /^(?:[a-z][a-z\d+\-.]*:)?\/\//i;

export function urlPartsOf({ url, baseURL, allowAbsoluteUrls }: InternalAxiosRequestConfig): UrlParts {
  return { url: text(url), baseURL: text(baseURL), allowAbsoluteUrls };
}

/**
 * Adapters take a `URL` object, or fail at it, each in its own way. So it is one again when it is sent: another one, since
 * the caller may go on to change theirs.
 */
export function asGiven(given: unknown, text: string | undefined): unknown {
  return text !== undefined && given instanceof URL ? new URL(text) : text;
}

/** axios accepts a `URL` object too, though its types do not say so. */
function text(value: string | undefined): string | undefined {
  return typeof value === 'string' || value == null ? value : String(value);
}

export function isRelative({ url, allowAbsoluteUrls }: UrlParts): boolean {
  return allowAbsoluteUrls === false || !ABSOLUTE_URL.test(url ?? '');
}

/** The URL that axios itself makes of baseURL and url, without the query. Empty if that is not certain. */
export function resolvedUrl(parts: UrlParts): string {
  const { baseURL, allowAbsoluteUrls } = parts;
  const url = parts.url ?? '';
  if (allowAbsoluteUrls === false && !obeysAllowAbsoluteUrls && ABSOLUTE_URL.test(url)) return '';
  if (!baseURL || !isRelative(parts)) return url;
  return url === '' ? baseURL : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}

/** Older versions read `allowAbsoluteUrls: false` with one adapter, or none, or only with a base. */
const obeysAllowAbsoluteUrls = isAtLeast(axios.VERSION, [1, 8, 4]);

function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map(Number);
  const differing = wanted.findIndex((part, index) => part !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (wanted[differing] ?? 0);
}
