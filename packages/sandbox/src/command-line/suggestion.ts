import { likelyName } from '@open-banking-auth/core/client';

/** ` Did you mean 'check'?` with a space in front, or nothing when no known word is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const bare = word.replace(/^-+/, '');
  // `--port` is too far from `--token-port`, but a part of it.
  const partOf = () => (bare.length > 2 ? known.find((candidate) => candidate.includes(bare)) : undefined);
  const near = likelyName(word, known) ?? partOf();
  return near === undefined ? '' : ` Did you mean '${near}'?`;
}
