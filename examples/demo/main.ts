import { playLocally } from './local.ts';
import { callPlatform } from './platform.ts';
import { paragraph } from './screen.ts';

const { OPEN_BANKING_CLIENT_ID: clientId, OPEN_BANKING_CLIENT_SECRET: clientSecret } = process.env;

if (Boolean(clientId) !== Boolean(clientSecret)) {
  const [present, absent] = clientId ? ['ID', 'SECRET'] : ['SECRET', 'ID'];
  paragraph(
    `OPEN_BANKING_CLIENT_${present} is set, but OPEN_BANKING_CLIENT_${absent} is not. Set both to call the real ` +
      'platform, or neither for the demo on this machine.',
  );
  process.exitCode = 1;
} else {
  const asTold = clientId ? await callPlatform() : await playLocally(process.argv.includes('--page'));
  if (!asTold) process.exitCode = 1;
}
