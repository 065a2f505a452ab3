type TokenRequestParts = typeof import('./token-request.js');

let parts: TokenRequestParts | undefined;

/** What a token request needs. It is a third of the code, for which the start of a program need not wait. */
export async function loadTokenRequest(): Promise<TokenRequestParts> {
  parts ??= await import('./token-request.js');
  return parts;
}

/**
 * Begins to load it when a source is created: later, the first token would wait for it, and a process that has run out of
 * file descriptors could not load it at all.
 */
export function preloadTokenRequest(): void {
  loadTokenRequest().catch(() => {});
}
