/** In any of the forms that `fetch` takes. */
export type GivenHeaders = NonNullable<RequestInit['headers']>;

/**
 * Headers as they are now, in the form in which they were given: a `fetch` of another implementation, such as undici's own,
 * keeps the case of names in its own `Headers`, in pairs and in objects, but not in the platform's `Headers`.
 */
export function copyHeaders(headers: GivenHeaders): GivenHeaders {
  if (Object(headers) !== headers) return headers;
  if (isHeaders(headers)) return new (headers.constructor as typeof Headers)(headers);
  if (Symbol.iterator in headers) return Array.from(headers, ([...pair]) => pair as [string, string]);
  return { ...headers };
}

/** Adds a header that is not there yet, in any case. */
export function addHeader(headers: GivenHeaders, name: string, value: string): void {
  if (isHeaders(headers)) headers.append(name, value);
  else if (Array.isArray(headers)) headers.push([name, value]);
  else headers[name] = value;
}

function isHeaders(headers: GivenHeaders): headers is Headers {
  return 'append' in headers && typeof headers.append === 'function';
}
