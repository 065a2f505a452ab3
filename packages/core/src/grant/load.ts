type TokenRequestParts = typeof import('./token-request.js');

let parts: TokenRequestParts | undefined;

/** Loads what a token request needs with the first one: it is a third of the code, and no start of a program should wait for it. */
export async function loadTokenRequest(): Promise<TokenRequestParts> {
  parts ??= await import('./token-request.js');
  return parts;
}
