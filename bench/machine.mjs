import { readFileSync } from 'node:fs';
import { cpus, totalmem, type } from 'node:os';

const INSTALLED = [
  ['@open-banking-auth/core', '../packages/core'],
  ['axios', 'node_modules/axios'],
  ['ky', 'node_modules/ky'],
  ...[
    'axios-auth-refresh',
    'axios-token-interceptor',
    'axios-oauth-client',
    '@badgateway/oauth2-client',
    'openid-client',
    'google-auth-library',
    '@azure/core-rest-pipeline',
    'undici',
    'undici-oidc-interceptor',
  ].map((name) => [name, `node_modules/${name}`]),
];

/** Everything that the figures depend on, without anything that identifies the machine. */
export function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${process.arch}`,
    node: process.version,
    versions: Object.fromEntries(INSTALLED.map(([name, folder]) => [name, versionIn(folder)])),
  };
}

function versionIn(folder) {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8')).version;
}
