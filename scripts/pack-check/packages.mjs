import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entriesOf, packages } from '../workspace.cjs';

const scope = '@open-banking-auth';

/** The packages as installed from their tarballs, each with its entries. */
export function readPackages(project) {
  return readdirSync(`${project}/node_modules/${scope}`).map((name) => {
    const folder = `${project}/node_modules/${scope}/${name}`;
    const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const entries = entriesOf(manifest).map(({ specifier }) => specifier);
    return { name: `${scope}/${name}`, folder, manifest, entries };
  });
}

/** The peers of all packages, including optional ones, in the versions that this repository's tests use. */
export function peersOfPackages() {
  const peers = new Map();
  for (const { folder, manifest } of packages) {
    const { peerDependencies, devDependencies } = manifest;
    for (const peer of Object.keys(peerDependencies ?? {})) {
      const version = devDependencies?.[peer];
      if (!version) throw new Error(`${folder} has the peer ${peer}, but no version of it in its devDependencies`);
      peers.set(peer, `${peer}@${version}`);
    }
  }
  return peers;
}

/** Checks the files and the package.json of a tarball. @throws Error that lists every fault. */
export function checkContents({ name, folder, manifest }) {
  const faults = [];
  const demand = (holds, what) => {
    if (!holds) faults.push(what);
  };
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => `${file.parentPath}/${file.name}`.slice(folder.length + 1).replaceAll('\\', '/'))
    .filter((file) => !file.startsWith('node_modules/'));
  const expected =
    /^(?:LICENSE|README\.md|package\.json|bin\/[\w-]+\.js|dist\/(?:cjs|esm)\/(?:[\w-]+\/)*[\w-]+(?:\.d\.m?ts|\.js)(?:\.map)?|src\/(?:[\w-]+\/)*[\w-]+\.m?ts|dist\/cjs\/package\.json|dist\/[\w-]+-LICENSE\.md)$/;
  for (const file of files) demand(expected.test(file), `${file} does not belong in a tarball`);
  for (const file of ['LICENSE', 'README.md']) demand(files.includes(file), `${file} is missing`);
  for (const file of files.filter((file) => file.startsWith('dist/esm/'))) {
    const twin = file.replace('dist/esm/', 'dist/cjs/');
    demand(files.includes(twin), `${file} has no CommonJS twin`);
  }
  // "Go to definition" follows them.
  const maps = files.filter((file) => /\.d\.m?ts\.map$/.test(file));
  demand(maps.length > 0, 'it has no declaration maps');
  for (const file of maps)
    for (const source of JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')).sources)
      demand(
        files.includes(join(dirname(file), source).replaceAll('\\', '/')),
        `${file} leads to ${source}, which is missing`,
      );

  // The registry shows the page alone.
  const page = readFileSync(`${folder}/README.md`, 'utf8').replaceAll(/^```.*?^```$/gms, '');
  for (const [, target] of page.matchAll(/\]\(([^)]*)\)/g))
    demand(/^(?:https:|#)/.test(target), `README.md has a relative link: ${target}`);

  demand(manifest.sideEffects === false, '"sideEffects" is not false');
  demand(
    manifest.license === 'MIT' && manifest.description && manifest.engines?.node,
    'license is not MIT, or description or engines.node is missing',
  );
  demand(manifest.publishConfig?.access === 'public', '"publishConfig.access" is not "public"');
  demand(manifest.publishConfig?.provenance === true, '"publishConfig.provenance" is not true');
  for (const script of ['preinstall', 'install', 'postinstall'])
    demand(!manifest.scripts?.[script], `it has an install script: ${script}`);
  for (const [dependency, range] of Object.entries(manifest.dependencies ?? {})) {
    demand(
      dependency.startsWith(`${scope}/`),
      `it depends on ${dependency}; published packages depend on nothing but each other`,
    );
    demand(/^\^\d/.test(range), `${dependency} has the range ${range}, which does not name released versions`);
  }
  for (const file of Object.values(manifest.bin ?? {}))
    demand(existsSync(`${folder}/${file}`), `the bin ${file} is missing`);
  if (faults.length > 0) throw new Error(`${name}: ${faults.join('\n')}`);
}
