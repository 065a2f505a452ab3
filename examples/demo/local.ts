import { createTokenSource } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';
import { bankReaders } from './banks.ts';
import { createClients } from './clients.ts';
import { Narrator } from './narrator.ts';
import { perform, type Tally } from './scene.ts';
import { scenes } from './scenes.ts';
import { heading, paragraph, table } from './screen.ts';

/** Plays the scenes against a sandbox on this machine. `true` if everything went as expected. */
export async function playLocally(): Promise<boolean> {
  heading('Access tokens for the Open Payments Open Banking API');
  paragraph(
    'The API requires an access token. A token server issues one in exchange for a client id and a secret; it is ' +
      'valid for an hour, and the server wants to be asked as rarely as possible. This library gets, shares and ' +
      'renews the token, also when the API rejects it with status 401.',
  );
  paragraph(
    'Below, an axios instance, a ky instance and fetch share one token source. Both servers run on this machine, ' +
      'and nothing leaves it. Tokens are never shown, only fingerprints of them, such as 1a2b3c4d.',
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
  heading('Counted by the callers and the server');
  table(
    [
      ['scene', 'calls', 'tokens issued', '401s', 'calls failed', 'as expected'],
      ...tallies.map(({ title, calls, tokens, unauthorized, failed, unexpected }) =>
        [title, calls, tokens, unauthorized, failed, unexpected.length === 0 ? 'yes' : 'NO'].map(String),
      ),
    ],
    (cell) => (cell === 'yes' ? 'green' : cell === 'NO' ? 'red' : 'reset'),
  );
  const deviations = tallies.flatMap(({ title, unexpected }) =>
    unexpected.map(({ what, expected, actual }) => `${title}: ${what}: expected ${expected}, got ${actual}`),
  );
  if (deviations.length === 0) {
    const calls = tallies.reduce((sum, tally) => sum + tally.calls, 0);
    const tokens = tallies.reduce((sum, tally) => sum + tally.tokens, 0);
    heading(`Everything went as expected: ${calls} calls, ${tokens} tokens.`);
    return true;
  }
  heading('Not as expected');
  for (const deviation of deviations) paragraph(deviation);
  return false;
}
