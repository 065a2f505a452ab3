// Packs every published package into artifacts/.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pnpm } from './pnpm.mjs';
import { publishedReadme } from './published-readme.cjs';
import { published, root } from './workspace.cjs';

rmSync(`${root}/artifacts`, { recursive: true, force: true });
mkdirSync(`${root}/artifacts`);
for (const { folder } of published) {
  copyFileSync(`${root}/LICENSE`, `${root}/${folder}/LICENSE`);
  const page = `${root}/${folder}/README.md`;
  const written = readFileSync(page);
  try {
    writeFileSync(page, publishedReadme(folder));
    pnpm(
      ...[`--config.pnpmfile=${root}/scripts/published-manifest.cjs`, '--dir', folder],
      ...['pack', '--pack-destination', `${root}/artifacts`],
    );
  } finally {
    writeFileSync(page, written);
  }
}
