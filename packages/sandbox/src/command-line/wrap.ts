/** A second column narrower than this starts on a line of its own. */
const NARROWEST_COLUMN = 24;

/** How far such a line is indented, when there is no room beside the first column. */
const NARROW_INDENT = 6;

/**
 * Breaks lines that are wider than the terminal, between words only. What follows a gap of two or more spaces is a
 * column, and stays one.
 *
 * @param columns - width of the terminal; undefined where the output is no terminal, which leaves the text as it is
 */
export function wrap(text: string, columns: number | undefined): string {
  if (!columns) return text;
  return text
    .split('\n')
    .map((line) => (line.length < columns ? line : wrapLine(line, columns)))
    .join('\n');
}

function wrapLine(line: string, columns: number): string {
  // The later lines of an item of a list begin below its text.
  const [indent = ''] = /^ *(?:- )?/.exec(line) ?? [];
  const [first = ''] = /^ *\S.*? {2,}(?=\S)/.exec(line) ?? [];
  if (first.length > 0 && columns - first.length < NARROWEST_COLUMN)
    return `${first.trimEnd()}\n${fill(line.slice(first.length), ' '.repeat(NARROW_INDENT), columns)}`;
  const start = first || indent;
  return start + fill(line.slice(start.length), ' '.repeat(start.length), columns).trimStart();
}

function fill(words: string, indent: string, columns: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length >= columns) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line].join('\n');
}
