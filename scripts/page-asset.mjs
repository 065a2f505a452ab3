// The browser part of the sandbox's page, as one object of texts: the build puts it into the package.
import { readFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import { root } from './workspace.cjs';

export function pageAsset() {
  const folder = `${root}/packages/sandbox/browser`;
  const bundled = (entry, loader) =>
    buildSync({
      entryPoints: [`${folder}/${entry}`],
      bundle: true,
      write: false,
      minify: true,
      format: 'esm',
      target: 'es2022',
      loader,
    }).outputFiles[0].text;
  return {
    html: readFileSync(`${folder}/page.html`, 'utf8').replaceAll(/\n\s*/g, '\n'),
    css: bundled('page.css'),
    js: bundled('main.ts'),
  };
}
