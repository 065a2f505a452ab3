import { createTokenSource } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';
import { bankReaders } from './banks.ts';
import { createClients } from './clients.ts';
import { Narrator } from './narrator.ts';
import { perform, type Tally } from './scene.ts';
import { scenes } from './scenes.ts';
import { heading, paragraph, table } from './screen.ts';

/** Plays the scenes against a sandbox on this machine. `true` if all went as told. */
export async function playLocally(): Promise<boolean> {
  heading('Access tokens for the Open Payments Open Banking API');
  paragraph(
    'The API answers only to those who show an access token. A token server issues one in exchange for a client id ' +
      'and a secret; it is good for an hour, and the server wants to be asked as seldom as possible. Getting, ' +
      'sharing and renewing it is what this library does, also when the API refuses a token, which it does with the ' +
      'status 401.',
  );
  paragraph(
    'Below, an axios instance, a ky instance and fetch share one token source. Both servers run on this machine, ' +
      'nothing leaves it. A token is never shown, only a fingerprint of it, such as 1a2b3c4d.',
  );
  const sandbox = await startSandbox();
  try {
    const narrator = new Narrator();
    const tokens = createTokenSource({ ...sandbox.config, onEvent: narrator.onEvent });
    const clients = createClients(tokens, sandbox.apiUrl);
    const readers = bankReaders(clients, sandbox.apiUrl);
    const tallies: Tally[] = [];
    for (const [index, scene] of scenes.entries()) {
      heading(`${index + 1}. ${scene.title}`);
      paragraph(scene.story);
      tallies.push(await perform(scene, { sandbox, tokens, clients, readers, narrator }));
    }
    return sumUp(tallies);
  } finally {
    await sandbox.close();
  }
}

function sumUp(tallies: readonly Tally[]): boolean {
  heading('What the callers and the server counted');
  table(
    [
      ['scene', 'calls', 'tokens issued', '401s met', 'calls failed', 'as told'],
      ...tallies.map(({ title, calls, tokens, refused, failed, notAsTold }) =>
        [title, calls, tokens, refused, failed, notAsTold.length === 0 ? 'yes' : 'NO'].map(String),
      ),
    ],
    (cell) => (cell === 'yes' ? 'green' : cell === 'NO' ? 'red' : 'reset'),
  );
  const deviations = tallies.flatMap(({ title, notAsTold }) =>
    notAsTold.map(({ what, expected, actual }) => `${title}: ${what}: expected ${expected}, got ${actual}`),
  );
  if (deviations.length === 0) {
    const calls = tallies.reduce((sum, tally) => sum + tally.calls, 0);
    const tokens = tallies.reduce((sum, tally) => sum + tally.tokens, 0);
    heading(`All went as told: ${calls} calls, ${tokens} tokens.`);
    return true;
  }
  heading('Not as told');
  for (const deviation of deviations) paragraph(deviation);
  return false;
}
