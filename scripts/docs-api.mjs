// Writes docs/api from the TSDoc in the published types, and fails if a public name has none. With `--check` it writes
// nothing, and fails if docs/api is out of date.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { makeProject, run } from './pack-check/projects.mjs';
import { typedoc, typedocMarkdown } from './tools.mjs';
import { published, root } from './workspace.cjs';

/** Matches a package or subpath, a name and its kind in typedoc's warnings; a member of that name would have one more dot. */
const exportedWithoutTsdoc = /@[\w/-]+\.\w+ \(\w+\)(?=, defined in .* does not have any documentation)/g;

const check = process.argv.includes('--check');
const work = mkdtempSync(`${tmpdir()}/docs-api-`);
const output = check ? `${work}/api` : `${root}/docs/api`;

const entries = published.flatMap(({ folder, entries }) =>
  entries.map(({ specifier, types }) => ({ specifier, types: copyOf(folder, types.replace('./dist/esm/', '')) })),
);

// Inside the package, so that its imports resolve.
function copyOf(folder, file) {
  return `${root}/${folder}/dist/docs-api/${file}`;
}

try {
  for (const { folder } of published) {
    const types = `${root}/${folder}/dist/esm`;
    for (const file of readdirSync(types, { recursive: true }).filter((name) => /\.d\.m?ts$/.test(name))) {
      mkdirSync(dirname(copyOf(folder, file)), { recursive: true });
      writeFileSync(copyOf(folder, file), withMemberComments(readFileSync(`${types}/${file}`, 'utf8')));
    }
  }
  const project = makeProject(`${work}/project`, { type: 'module' });
  const stubs = entries.map(({ specifier, types }, nth) => {
    const stub = `${project}/entry${nth}.ts`;
    const source = types.replace(/\.d\.ts$/, '.js');
    writeFileSync(stub, `/** @module ${specifier} */\nexport * from '${source}';\n`);
    return stub;
  });
  const paths = Object.fromEntries(entries.map(({ specifier, types }) => [specifier, [types]]));
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2022', lib: ['es2023'], strict: true, noEmit: true, skipLibCheck: true },
    ...{ paths, types: ['node'], typeRoots: [`${root}/node_modules/@types`] },
  };
  writeFileSync(`${project}/tsconfig.json`, JSON.stringify({ compilerOptions, files: stubs }));
  writeFileSync(`${project}/typedoc.json`, JSON.stringify(settings(stubs)));
  if (!check) rmSync(output, { recursive: true, force: true });
  const said = run(project, process.execPath, [typedoc]);
  const undocumented = said.match(exportedWithoutTsdoc) ?? [];
  if (undocumented.length > 0) throw new Error(`These public names have no TSDoc:\n${undocumented.join('\n')}`);

  const stale = check ? differences(`${root}/docs/api`, output) : [];
  for (const file of stale) console.error(`docs/api/${file} is out of date. Run npm run docs:api`);
  if (stale.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  for (const { folder } of published) rmSync(copyOf(folder, ''), { recursive: true, force: true });
  rmSync(work, { recursive: true, force: true });
}

function settings(entryPoints) {
  const tables = ['parameters', 'interfaceProperties', 'classProperties', 'typeAliasProperties', 'propertyMembers'];
  return {
    ...{ entryPoints, out: output, name: 'API reference', plugin: [typedocMarkdown], readme: 'none' },
    ...{ outputFileStrategy: 'modules', hidePageHeader: true, hideBreadcrumbs: true, useCodeBlocks: true },
    ...Object.fromEntries(tables.map((table) => [`${table}Format`, 'table'])),
    ...{ disableSources: true, excludeExternals: true },
    validation: { notDocumented: true, notExported: false },
    requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Function', 'Variable', 'Enum'],
    packagesRequiringDocumentation: published.map(({ manifest }) => manifest.name),
  };
}

/** typedoc ignores comments on the members of a union, so they are copied into a list in the comment on the union. */
function withMemberComments(written) {
  const types = written.replace(/\/\/# sourceMappingURL=.*\s*$/, '');
  const comment = String.raw`/\*\*(?:(?!\*/)[^])*\*/`;
  const union = new RegExp(String.raw`(${comment})\n(export type \w+ =)([^]*?;\n)(?=/\*\*|export|import|$)`, 'g');
  const member = new RegExp(String.raw`(${comment})\s*\|?\s*(?:\{\s*readonly type: )?'([^']+)'`, 'g');
  return types.replaceAll(union, (whole, summary, head, body) => {
    const list = [...body.matchAll(member)].map(([, words, name]) => ` * - \`${name}\`: ${textIn(words)}\n`);
    if (list.length === 0) return whole;
    return `${summary.slice(0, -2)}\n *\n${list.join('')} */\n${head}${body}`;
  });
}

function textIn(comment) {
  return comment
    .slice(3, -2)
    .replaceAll(/\n\s*\* ?/g, ' ')
    .trim();
}

function differences(before, after) {
  const files = new Set([...filesIn(before), ...filesIn(after)]);
  return [...files].filter((file) => textOf(`${before}/${file}`) !== textOf(`${after}/${file}`));
}

function filesIn(folder) {
  try {
    return readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.md'));
  } catch {
    return [];
  }
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
