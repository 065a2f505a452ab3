const LONGEST = 240;

/** Three parts with dots between: a token as the platform's. */
const TOKEN = /[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

/** Longer than a UUID, and nothing that people write. */
const OPAQUE = /[\w+=~%-]{40,}/g;

/** Text for the page: shortened, and without anything that could be a token or one of the `secrets`. */
export function safeText(text: string, secrets: readonly string[] = []): string {
  let safe = text;
  for (const secret of secrets) {
    for (const form of new Set([secret, encodeURIComponent(secret), encodeURI(secret)]))
      safe = safe.replaceAll(form, '…');
  }
  // Control characters could reorder the text of a line.
  safe = safe
    .replace(TOKEN, '…')
    .replace(OPAQUE, '…')
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  return safe.length > LONGEST ? `${safe.slice(0, LONGEST)}…` : safe;
}
