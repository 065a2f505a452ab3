import { readdirSync, readFileSync } from 'node:fs';
import { packages, published, root } from '../workspace.cjs';

/**
 * What the pages tell to install: each `npm install` line once, with the alternatives in its comment. Given as the
 * arguments of `npm install`, without options.
 */
export function installLines() {
  const lines = pages().flatMap((page) =>
    [...readFileSync(`${root}/${page}`, 'utf8').matchAll(/^npm install (.*)$/gm)].flatMap(([, line]) => wordings(line)),
  );
  return [...new Set(lines)].sort();
}

function pages() {
  const docs = readdirSync(`${root}/docs`).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`), ...packages.map(({ folder }) => `${folder}/README.md`)];
}

/** `a b   # or: c` as `a b` and `a c`. An alternative that names one of our packages replaces the whole line. */
function wordings(line) {
  const [command, comment = ''] = line.split('#');
  const names = command
    .trim()
    .split(/\s+/)
    .filter((word) => !word.startsWith('-'));
  const others = [...comment.matchAll(/or: ([^,]+)/g)].map(([, other]) => other.trim());
  const whole = others.map((other) =>
    other.includes('@open-banking-auth/') ? other : [...names.slice(0, -1), other].join(' '),
  );
  return [names.join(' '), ...whole];
}

/**
 * The same arguments with a tarball for each of our packages, also for those that they depend on, and the local sandbox, which
 * the first call needs.
 */
export function withTarballs(line) {
  const words = line.split(' ');
  const wanted = new Set(['@open-banking-auth/core', '@open-banking-auth/sandbox', ...words]);
  const all = words.some((word) => word.endsWith('/*.tgz'));
  const tarballs = published.filter(({ manifest }) => all || wanted.has(manifest.name)).map(({ tarball }) => tarball);
  return [...tarballs, ...words.filter((word) => !word.startsWith('@open-banking-auth/') && !word.endsWith('/*.tgz'))];
}
