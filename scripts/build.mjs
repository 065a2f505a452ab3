// Builds dist/esm and dist/cjs of every published package: tsc writes the types, esbuild the code. See build/plan.mjs for
// what goes into which file.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { planOf } from './build/plan.mjs';
import { writeCode } from './build/write-code.mjs';
import { published, root } from './workspace.cjs';

for (const { folder } of published) {
  rmSync(`${root}/${folder}/dist`, { recursive: true, force: true });
  rmSync(`${root}/${folder}/node_modules/.cache`, { recursive: true, force: true });
}
const tsc = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '-b', ...published.map(({ folder }) => folder)],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

for (const each of published) {
  const folder = `${root}/${each.folder}`;
  const plan = await planOf(each);
  for (const format of ['esm', 'cjs']) await writeCode(each, plan, format);
  if (each.manifest.devDependencies?.oauth4webapi) {
    copyFileSync(`${folder}/node_modules/oauth4webapi/LICENSE.md`, `${folder}/dist/oauth4webapi-LICENSE.md`);
  }
  writeFileSync(`${folder}/dist/cjs/package.json`, '{ "type": "commonjs" }\n');
  const isTypes = (file) => statSync(file).isDirectory() || /\.d\.m?ts(?:\.map)?$/.test(file);
  cpSync(`${folder}/dist/esm`, `${folder}/dist/cjs`, { recursive: true, filter: isTypes });
}
