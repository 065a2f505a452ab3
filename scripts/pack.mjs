import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { pnpm, root } from './pnpm.mjs';

rmSync(`${root}/artifacts`, { recursive: true, force: true });
mkdirSync(`${root}/artifacts`);
for (const name of readdirSync(`${root}/packages`)) {
  const manifest = JSON.parse(readFileSync(`${root}/packages/${name}/package.json`, 'utf8'));
  if (manifest.private) continue;
  copyFileSync(`${root}/LICENSE`, `${root}/packages/${name}/LICENSE`);
  pnpm(
    ...[`--config.pnpmfile=${root}/scripts/published-manifest.cjs`, '--dir', `packages/${name}`],
    ...['pack', '--pack-destination', `${root}/artifacts`],
  );
}
