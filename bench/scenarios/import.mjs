import { fileURLToPath } from 'node:url';
import { importTimes } from '../../scripts/pack-check/import-time.mjs';
import { number } from '../report/number.mjs';

const OURS = '@open-banking-auth/';

/** Each with what an application has loaded anyway, which does not count. */
const ENTRIES = [
  ['@open-banking-auth/core'],
  ['@open-banking-auth/axios', 'axios'],
  ['@open-banking-auth/ky', 'ky'],
  ['axios'],
  ['ky'],
  ['axios-auth-refresh', 'axios'],
  ['axios-token-interceptor', 'axios'],
  ['@badgateway/oauth2-client'],
  ['openid-client'],
  ['@camunda8/orchestration-cluster-api'],
  ['google-auth-library'],
  ['@azure/core-rest-pipeline'],
  ['undici-oidc-interceptor', 'undici7'],
];

/** What a program pays before its first line runs. */
export const importing = {
  id: 'import',
  title: 'Import',
  about: [
    'Processor time of the import alone, in milliseconds, in processes of their own: one library after another in every round, medians of seven.',
    "Libraries that extend a client are loaded after it. Node's own module loader is started first.",
  ],
  columns: [
    ['loaded before', ({ client }) => client ?? '–'],
    ['require, ms', ({ require }) => number(require, 1)],
    ['import, ms', ({ imported }) => number(imported, 1)],
  ],

  async run({ quick }) {
    const times = importTimes(fileURLToPath(new URL('..', import.meta.url)), ENTRIES, quick ? 3 : 7);
    return times.map(({ name, require, import: imported }, nth) => ({
      name,
      part: name.startsWith(OURS) ? 'ours' : 'peer',
      client: ENTRIES[nth][1],
      require,
      imported,
    }));
  },
};
