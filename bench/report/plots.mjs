import { barPlot } from './bar-plot.mjs';
import { number } from './number.mjs';

/** The two most telling plots, by file name. */
export function plotsOf({ machine, results }) {
  const plots = {};
  if (results.revocation) plots['storm.svg'] = storm(results.revocation, machine);
  if (results['hot-path']) plots['hot-path.svg'] = cost(results['hot-path'], machine);
  return plots;
}

function storm(rows, { date, node }) {
  const most = Math.max(...rows.map(({ requests }) => requests));
  return barPlot({
    title: `Tokens issued when ${number(most)} requests meet a revoked token`,
    subtitle: `One is enough. Logarithmic scale. Node.js ${node}, ${date}, see bench/results.`,
    scale: 'log',
    bars: rows
      .filter(({ requests, part }) => requests === most && part !== 'ideal')
      .toSorted((a, b) => a.failures - b.failures || a.tokensIssued - b.tokensIssued)
      .map(({ name, part, tokensIssued, failures }) => ({
        label: name,
        kind: part,
        value: tokensIssued,
        shown: `${number(tokensIssued)} issued${failures > 0 ? `, ${number(failures)} failed` : ''}`,
      })),
  });
}

function cost(rows, { date, node }) {
  return barPlot({
    title: 'What a warm token adds to a call',
    subtitle: `Microseconds of processor time compared to the same client without a token; no network. Node.js ${node}, ${date}, see bench/results.`,
    bars: rows
      .filter(({ part }) => part !== 'bare')
      .map(({ name, part, added, microseconds }) => ({
        label: name,
        kind: part === 'ours' ? 'ours' : 'peer',
        value: added,
        shown: `${number(added, 1)} of ${number(microseconds, 1)}`,
      })),
  });
}
