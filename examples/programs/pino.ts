// pino: the activity of a token source as log lines. They identify a token by a few digits of its hash.
import { openBankingFetch } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';
import { pino } from 'pino';
import { loggedEvents } from '../logging.js';

const sandbox = await startSandbox(); // stands in for the platform
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;

const logger = pino({ level: 'info', base: null, timestamp: false }, pino.destination({ dest: 1, sync: true }));
const fetch = openBankingFetch({ ...sandbox.config, onEvent: loggedEvents(logger) });

await fetch(banks);
sandbox.revokeTokens();
await fetch(banks);
sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' });
await fetch(banks);

await sandbox.close();
