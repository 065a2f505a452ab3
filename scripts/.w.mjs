import { weightOf } from './pack-check/weight.mjs';
import { published, root } from './workspace.cjs';
import { build } from 'esbuild'; import { gzipSync } from 'node:zlib';
for (const e of published) for (const x of e.entries) { const ext = Object.keys(e.manifest.peerDependencies ?? {}); const f=`${root}/${e.folder}/${x.code}`; const w = await weightOf(f, ext);
 const all = await build({entryPoints:[f],bundle:true,minify:true,write:false,platform:'node',format:'esm',target:'es2022',external:ext,legalComments:'none',logLevel:'error'}); console.log(x.specifier.padEnd(45), w.minified, w.gzipped, 'all', gzipSync(all.outputFiles[0].contents,{level:9}).length); }
