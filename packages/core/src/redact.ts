const LONGEST_QUOTE = 200;

/** What is shorter is no secret, and would tear holes into ordinary words. */
const SHORTEST_SECRET = 4;

/** A token that nobody here has seen yet can stand in a foreign text too: as a JWT, or after its scheme. */
const TOKENS = /\beyJ[\w.+/=-]{8,}|(?<=\bBearer\s+)[\w.~+/=-]{4,}/gi;

/**
 * Makes foreign text (a server's description, a network error) fit to be quoted in an error: without the client's
 * credentials in any of the forms in which they travel, without tokens and control characters, and short.
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

/** Base64 of the UTF-8 bytes: `btoa` alone takes Latin-1. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
