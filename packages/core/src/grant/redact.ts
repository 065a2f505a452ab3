const LONGEST_QUOTE = 200;

/** Shorter values are not redacted: they would match inside ordinary words. */
const SHORTEST_SECRET = 4;

/** Foreign text can also hold a token never seen here: recognised as a JWT, or by the scheme before it. */
const TOKENS = /\beyJ[\w.+/=-]{8,}|(?<=\bBearer\s+)[\w.~+/=-]{4,}/gi;

/**
 * Makes foreign text (a server's description, a network error) fit to be quoted in an error: short, without control
 * characters, tokens, or the client's credentials in any of the forms in which they travel.
 */
export function redactor(clientId: string, clientSecret: string): (text: string) => string {
  const formEncoded = formEncode(clientSecret);
  const forms = [
    base64(`${formEncode(clientId)}:${formEncoded}`),
    base64(`${clientId}:${clientSecret}`),
    base64(clientSecret),
    formEncoded,
    encodeURIComponent(clientSecret),
    JSON.stringify(clientSecret).slice(1, -1),
    clientSecret,
  ];
  return (text) => {
    let clean = text;
    for (const form of forms) if (form.length >= SHORTEST_SECRET) clean = clean.replaceAll(form, '[redacted]');
    clean = clean.replaceAll(TOKENS, '[redacted]');
    clean = clean.replaceAll(/\p{Cc}+/gu, ' ');
    return clean.length > LONGEST_QUOTE ? `${clean.slice(0, LONGEST_QUOTE)}…` : clean;
  };
}

function formEncode(text: string): string {
  return new URLSearchParams({ s: text }).toString().slice(2);
}

/** Base64 of the UTF-8 bytes; `btoa` only takes Latin-1. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
