// pino: what a token source does, as log lines. A token appears in them as a few digits of its hash.
import { openBankingFetch } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';
import { pino } from 'pino';
import { loggedEvents } from '../logging.js';

const sandbox = await startSandbox(); // in place of the platform
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;

const logger = pino({ level: 'info', base: null, timestamp: false }, pino.destination({ dest: 1, sync: true }));
const fetch = openBankingFetch({ ...sandbox.config, onEvent: loggedEvents(logger) });

await fetch(banks);
sandbox.revokeTokens();
await fetch(banks);
sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' });
await fetch(banks);

await sandbox.close();
