import { styleText } from 'node:util';

const WIDTH = Math.min(process.stdout.columns ?? 96, 96);
const INDENT = '   ';

// As Node does it: FORCE_COLOR takes precedence over NO_COLOR, and both over what the output is.
const { FORCE_COLOR, NO_COLOR } = process.env;
const coloured =
  FORCE_COLOR === undefined ? process.stdout.isTTY === true && !NO_COLOR : !/^(0|false)$/.test(FORCE_COLOR);

export type Style = Parameters<typeof styleText>[0];

function paint(style: Style, text: string): string {
  return coloured ? styleText(style, text, { validateStream: false }) : text;
}

export function heading(text: string, style: Style = 'bold'): void {
  console.log(
    `\n${wrap(text, WIDTH)
      .map((line) => paint(style, line))
      .join('\n')}`,
  );
}

export function paragraph(text: string): void {
  for (const line of wrap(text, WIDTH - INDENT.length)) console.log(INDENT + line);
}

/** The lines for an event: when, who, what. */
export function happening(elapsedMs: number, who: string, what: string, style: Style): string[] {
  const when = `${Math.round(elapsedMs)} ms`.padStart(8);
  const margin = `${INDENT}${when}  ${who.padEnd(7)} `;
  const [first = '', ...rest] = wrap(what, WIDTH - margin.length);
  return [
    `${INDENT}${paint('dim', when)}  ${paint(style, who.padEnd(7))} ${first}`,
    ...rest.map((line) => ' '.repeat(margin.length) + line),
  ];
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
