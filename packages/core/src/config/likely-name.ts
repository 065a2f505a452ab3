/** More edits than this turn one name into another one. */
const MOST_EDITS = 2;

/** No option has a name this long. */
const LONGEST_NAME = 60;

/** The name that was probably meant: another spelling of it, or a typing error away from it. */
export function likelyName(given: string, names: readonly string[]): string | undefined {
  if (given.length > LONGEST_NAME) return undefined;
  const plain = plainOf(given);
  const nearest = names
    .map((name) => ({ name, edits: editsBetween(plainOf(name), plain) }))
    .sort((a, b) => a.edits - b.edits)[0];
  return nearest && nearest.edits <= MOST_EDITS ? nearest.name : undefined;
}

/** What to do about a name that does not exist. */
export function hintFor(likely: string | undefined, otherwise: string): string {
  return likely === undefined ? otherwise : `Did you mean "${likely}"? If not, remove it`;
}

/** `client_id`, `clientID` and `CLIENT-ID` are one name. */
function plainOf(name: string): string {
  return name.replaceAll(/[^a-z\d]/gi, '').toLowerCase();
}

/** The Levenshtein distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
