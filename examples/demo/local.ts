import { setTimeout as sleep } from 'node:timers/promises';
import { createTokenSource } from '@open-banking-auth/core';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { bankReaders } from './banks.ts';
import { createClients } from './clients.ts';
import { Narrator } from './narrator.ts';
import { perform, type Scene, type Tally } from './scene.ts';
import { scenes } from './scenes.ts';
import { heading, paragraph } from './screen.ts';

/** Between two calls, once the story is over. */
const PAUSE_MS = 400;

/** A scene that has been played. */
interface Played {
  readonly scene: Scene;
  readonly tally: Tally;
  readonly lines: readonly string[];
}

/**
 * Plays the scenes against a local sandbox, then shows what came of them. With `page`, the live page stays open beside the
 * story, and the clients go on calling until Ctrl-C. `true` if everything went as expected.
 */
export async function playLocally(page: boolean): Promise<boolean> {
  const sandbox = await startSandbox({ page });
  try {
    if (sandbox.pageUrl !== undefined) heading(`Watch it live: ${sandbox.pageUrl}`);
    const played = await play(sandbox);
    const asExpected = report(played);
    if (page) await goOnCalling(sandbox);
    return asExpected;
  } finally {
    await sandbox.close();
  }
}

function report(played: readonly Played[]): boolean {
  const deviations = played.flatMap(({ tally: { title, unexpected } }) =>
    unexpected.map(({ what, expected, actual }) => `${title}: ${what}: expected ${expected}, got ${actual}`),
  );
  const calls = total(played, 'calls');
  const asExpected = deviations.length === 0;
  heading(
    `${calls} calls, ${total(played, 'tokens')} tokens: ${asExpected ? 'everything went as expected.' : 'NOT as expected.'}`,
    asExpected ? 'green' : 'red',
  );
  for (const deviation of deviations) paragraph(deviation);
  paragraph(
    'An axios instance, a ky instance and fetch share one token source. They call a local sandbox: nothing leaves this ' +
      'machine. Tokens are never shown, only fingerprints of them, such as 1a2b3c4d.',
  );
  for (const [index, { scene, tally, lines }] of played.entries()) {
    heading(`${index + 1}. ${scene.title}: ${count(tally.calls, 'call')}, ${count(tally.tokens, 'token')}`);
    paragraph(scene.story);
    for (const line of lines) console.log(line);
  }
  return asExpected;
}

async function play(sandbox: Sandbox): Promise<Played[]> {
  let lines: string[] = [];
  const narrator = new Narrator((line) => lines.push(line));
  const tokens = createTokenSource({ ...sandbox.config, onEvent: narrator.onEvent });
  const clients = createClients(tokens, sandbox.apiUrl);
  const readers = bankReaders(clients, sandbox.apiUrl);
  const played: Played[] = [];
  for (const scene of scenes) {
    lines = [];
    const tally = await perform(scene, { sandbox, tokens, clients, readers, narrator });
    played.push({ scene, tally, lines });
  }
  return played;
}

/** Gives whoever presses the page's buttons something to see. */
async function goOnCalling(sandbox: Sandbox): Promise<void> {
  heading('The story is over. The clients go on calling: press a button on the page, or Ctrl-C here.');
  const tokens = createTokenSource(sandbox.config);
  const readers = Object.values(bankReaders(createClients(tokens, sandbox.apiUrl), sandbox.apiUrl));
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  for (let call = 0; !stop.signal.aborted; call += 1) {
    // One that fails is on the page.
    void readers[call % readers.length]?.(stop.signal).catch(() => {});
    await sleep(PAUSE_MS, undefined, { signal: stop.signal }).catch(() => {});
  }
}

function total(played: readonly Played[], figure: 'calls' | 'tokens'): number {
  return played.reduce((sum, { tally }) => sum + tally[figure], 0);
}

function count(figure: number, noun: string): string {
  return `${figure === 0 ? 'no' : figure} ${noun}${figure === 1 ? '' : 's'}`;
}
