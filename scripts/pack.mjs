// Packs every published package into artifacts/.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { pnpm } from './pnpm.mjs';
import { published, root } from './workspace.cjs';

rmSync(`${root}/artifacts`, { recursive: true, force: true });
mkdirSync(`${root}/artifacts`);
for (const { folder } of published) {
  copyFileSync(`${root}/LICENSE`, `${root}/${folder}/LICENSE`);
  pnpm(
    ...[`--config.pnpmfile=${root}/scripts/published-manifest.cjs`, '--dir', folder],
    ...['pack', '--pack-destination', `${root}/artifacts`],
  );
}
