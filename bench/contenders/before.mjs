import { pathToFileURL } from 'node:url';
import { openAxios, oursAxios } from './ours-axios.mjs';
import { openFetch, oursFetch } from './ours-fetch.mjs';
import { openKy, oursKy } from './ours-ky.mjs';

const { BENCH_BEFORE: folder, BENCH_BEFORE_NAME: commit } = process.env;

/** Our packages as an older commit has them, for `npm run bench -- --before COMMIT`. */
export const before = folder
  ? [
      of(oursAxios, openAxios((await built('axios')).openBankingAuth)),
      of(oursFetch, openFetch((await built('core')).openBankingFetch)),
      of(oursKy, openKy((await built('ky')).openBankingAuth)),
    ]
  : [];

function built(name) {
  return import(pathToFileURL(`${folder}/packages/${name}/dist/esm/index.js`).href);
}

function of(ours, open) {
  return { ...ours, name: `${ours.name}, ${commit}`, part: 'before', note: undefined, open };
}
