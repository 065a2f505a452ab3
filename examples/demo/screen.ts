import { styleText } from 'node:util';

const WIDTH = 96;
const INDENT = '   ';
const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR;

export type Style = Parameters<typeof styleText>[0];

function paint(style: Style, text: string): string {
  return coloured ? styleText(style, text) : text;
}

export function heading(text: string): void {
  console.log(`\n${paint('bold', text)}`);
}

export function paragraph(text: string): void {
  for (const line of wrap(text, WIDTH - INDENT.length)) console.log(INDENT + line);
}

/** One line for an event: when, who, what. */
export function happening(elapsedMs: number, who: string, what: string, style: Style): void {
  const when = `${Math.round(elapsedMs)} ms`.padStart(8);
  const margin = `${INDENT}${when}  ${who.padEnd(7)} `;
  const [first = '', ...rest] = wrap(what, WIDTH - margin.length);
  console.log(`${INDENT}${paint('dim', when)}  ${paint(style, who.padEnd(7))} ${first}`);
  for (const line of rest) console.log(' '.repeat(margin.length) + line);
}

/** The first row is the header; the first column contains text, the others figures. */
export function table(rows: readonly (readonly string[])[], styleOf: (cell: string) => Style): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const [index, row] of rows.entries()) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      const aligned = column === 0 ? cell.padEnd(width) : cell.padStart(width);
      return paint(index === 0 ? 'dim' : styleOf(cell), aligned);
    });
    console.log(INDENT + cells.join('   ').trimEnd());
  }
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line += line === '' ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}
