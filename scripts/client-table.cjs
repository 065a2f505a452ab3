const { writeSync } = require('node:fs');

const SUITE = ': bearer auth';
const MARKS = { passed: '✓', failed: '✗' };

/** A Jest reporter: the behaviour suite as one table, clients by cases, so that a difference between clients is seen. */
module.exports = class ClientTable {
  onRunComplete(_contexts, { testResults }) {
    const clients = [];
    const cases = new Map();
    for (const { ancestorTitles, title, status } of testResults.flatMap((file) => file.testResults)) {
      const [suite = ''] = ancestorTitles;
      if (!suite.endsWith(SUITE)) continue;
      const client = suite.slice(0, -SUITE.length);
      if (!clients.includes(client)) clients.push(client);
      if (!cases.has(title)) cases.set(title, new Map());
      cases.get(title).set(client, MARKS[status] ?? ' ');
    }
    if (clients.length < 2) return;

    clients.sort();
    const row = (cells, text) => `${cells.map((cell) => String(cell).padEnd(3)).join('')} ${text}`;
    const lines = [
      '',
      'What every client does (–: this client has the opposite case, in another row)',
      ...clients.map((client, index) => row([index + 1], client)),
      '',
      row(
        clients.map((_, index) => index + 1),
        '',
      ),
      ...[...cases].map(([title, marks]) =>
        row(
          clients.map((client) => marks.get(client) ?? '–'),
          title,
        ),
      ),
      '',
    ];
    writeSync(1, `${lines.map((line) => line.trimEnd()).join('\n')}\n`);
  }
};
