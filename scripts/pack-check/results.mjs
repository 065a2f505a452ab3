/** The outcome of every check, printed as one table per kind. */
export class Results {
  #tables = new Map();
  #failures = [];

  /** Runs a check, which fails by throwing. An `optional` check may fail: its cell then shows a dash. */
  async check(table, row, column, run, optional = false) {
    try {
      await run();
      this.note(table, row, column, 'ok');
    } catch (error) {
      this.note(table, row, column, optional ? '-' : 'FAILS');
      if (!optional) this.#failures.push(`${[row, column].filter(Boolean).join(', ')}:\n${error.message}`);
    }
  }

  /** Fills in a cell that is only shown. */
  note(table, row, column, shown) {
    const rows = this.#tables.get(table) ?? new Map();
    this.#tables.set(table, rows);
    const cells = rows.get(row) ?? new Map();
    rows.set(row, cells);
    cells.set(column, String(shown));
  }

  get failed() {
    return this.#failures.length > 0;
  }

  toString() {
    const tables = [...this.#tables].map(([name, rows]) => formatTable(name, rows));
    return [...this.#failures, ...tables].join('\n\n');
  }
}

function formatTable(name, rows) {
  const columns = [...new Set([...rows.values()].flatMap((cells) => [...cells.keys()]))];
  const first = Math.max(name.length, ...[...rows.keys()].map((row) => row.length));
  const line = (title, cells) =>
    `${title.padEnd(first)}  ${cells.map((cell, nth) => cell.padEnd(columns[nth].length)).join('  ')}`.trimEnd();
  const body = [...rows].map(([row, cells]) =>
    line(
      row,
      columns.map((column) => cells.get(column) ?? ''),
    ),
  );
  return [line(name, columns), ...body].join('\n');
}
