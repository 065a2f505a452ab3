import { targetsOf } from './targets.mjs';

/** The results of a run as a Markdown page. */
export function markdownOf({ machine, results, loads, scenarios, contenders, quick }) {
  const { date, cpu, memory, system, node, versions } = machine;
  return `${[
    '# Results',
    `Measured on ${date}${quick ? ', in a quick run whose figures mean little' : ''}: ${cpu}, ${memory}, ${system}, Node.js ${node}. To repeat it, run \`npm run bench\`. For how it is measured, and what each contender is best at, see [bench/README.md](../README.md).`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(' · '),
    '## Targets',
    table(
      ['', 'wanted', 'found', ''],
      targetsOf(results).map(({ what, wanted, shown, met }) => [what, wanted, shown, met ? 'met' : '**missed**']),
    ),
    ...scenarios
      .filter(({ id }) => results[id])
      .flatMap((scenario) => section(scenario, results[scenario.id], loads[scenario.id])),
    '## Notes on contenders',
    contenders
      .filter(({ note, cannot }) => note ?? cannot)
      .map(({ name, note, cannot }) =>
        [
          `- ${name}:`,
          note,
          ...Object.entries(cannot ?? {}).map(([what, why]) => `Cannot renew after a ${what}: ${why}.`),
        ]
          .filter(Boolean)
          .join(' '),
      )
      .join('\n'),
  ].join('\n\n')}\n`;
}

function section({ title, about, columns }, rows, load) {
  const lines = rows.map((row) => [
    row.part === 'ours' ? `**${row.name}**` : row.name,
    ...columns.map(([, read]) => read(row)),
  ]);
  return [
    `## ${title}`,
    `${about.join(' ')} Machine load in the minute before: ${load}.`,
    table(['', ...columns.map(([heading]) => heading)], lines),
  ];
}

function table(headings, rows) {
  const rule = headings.map((_, column) => (column === 0 ? '---' : '---:'));
  return [headings, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
