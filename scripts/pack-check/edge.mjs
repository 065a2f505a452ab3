import vm from 'node:vm';
import { build } from 'esbuild';

/** Bundles for a runtime without Node's modules: importing one is an error. */
export async function bundle(folder, code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder, loader: 'js' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'bundled',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker'],
    target: 'es2022',
    minifySyntax: true,
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}

/** Runs a bundle where only web APIs exist, and returns its exports. */
export function runAtTheEdge(code) {
  const web = [
    ...['AbortController', 'AbortSignal', 'Blob', 'DOMException', 'FormData', 'Headers', 'ReadableStream', 'Request'],
    ...['Response', 'TextDecoder', 'TextEncoder', 'TransformStream', 'URL', 'URLSearchParams', 'atob', 'btoa'],
    ...['clearTimeout', 'crypto', 'performance', 'queueMicrotask', 'setTimeout', 'structuredClone'],
  ];
  const context = vm.createContext(Object.fromEntries(web.map((name) => [name, globalThis[name]])));
  return vm.runInContext(`${code}\nbundled`, context);
}
