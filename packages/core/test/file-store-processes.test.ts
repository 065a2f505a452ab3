import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, type SandboxConfig, startSandbox } from '@open-banking-auth/sandbox';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { type Application, Processes } from '@open-banking-auth/test-kit/processes';
import type { FilePlace } from './file-store-application.js';
import { TokenRequests } from './token-requests.js';

// So many processes take their time to start on a busy machine.
jest.setTimeout(300_000);

/** In full, as many as it takes to be sure. */
const KILLS = IN_FULL ? 200 : 4;
const RESTARTS = IN_FULL ? 50 : 5;

describe('processes with one directory', () => {
  let processes: Processes<FilePlace>;
  let sandbox: Sandbox;
  let tokenRequests: TokenRequests;
  let directory: string;

  beforeAll(async () => {
    processes = await Processes.build(`${__dirname}/file-store-application.ts`);
  });
  afterAll(() => processes.remove());

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'file-store-'));
    sandbox = await startSandbox();
    tokenRequests = await TokenRequests.before(sandbox.tokenUrl);
  });
  afterEach(async () => {
    await processes.endAll();
    await tokenRequests.close();
    await sandbox.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (config: Partial<SandboxConfig> = {}) =>
    processes.start({
      place: { directory },
      apiUrl: sandbox.apiUrl,
      config: { ...sandbox.config, tokenUrl: tokenRequests.url, ...config },
      wallOffByMs: 0,
    });
  const startAll = (count: number) => Promise.all(Array.from({ length: count }, () => start()));
  const callAll = async (applications: readonly Application<FilePlace>[], times: number) =>
    (await Promise.all(applications.map((application) => application.call(times)))).flat();
  /** The next request of each of them needs a token. */
  function loseToken(applications: readonly Application<FilePlace>[]): void {
    for (const file of readdirSync(directory)) if (file.endsWith('-token')) rmSync(join(directory, file));
    for (const application of applications) application.clear();
  }
  const failuresOf = (applications: readonly Application<FilePlace>[]) =>
    applications.map(({ events }) => events.flatMap((event) => (event.type === 'store.failed' ? [event.error] : [])));

  test('8 that start together make one token request, and one more when the token is revoked', async () => {
    const applications = await startAll(8);
    expect(await callAll(applications, 5)).toEqual([]);
    expect(sandbox.stats().tokenRequests).toBe(1);
    sandbox.revokeTokens();
    expect(await callAll(applications, 5)).toEqual([]);
    expect(sandbox.stats().tokenRequests).toBe(2);
    expect(failuresOf(applications).flat()).toEqual([]);
    expect(readdirSync(directory)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.open-banking-token$/)]);
  });

  test('restarts within the life of a token make one token request', async () => {
    for (let restart = 0; restart < RESTARTS; restart += 5) {
      for (const application of await startAll(5)) {
        expect(await application.call(1)).toEqual([]);
        await application.kill();
      }
    }
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1, apiAccepted: RESTARTS });
  });

  test('a secret that was rejected is not tried again by the next start; the right one is', async () => {
    for (let restart = 0; restart < 3; restart++) {
      const application = await start({ clientSecret: 'a secret that is wrong' });
      expect(await application.call(1)).toEqual([expect.stringContaining('OpenBankingAuthError')]);
      await application.kill();
    }
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 1 });
    const application = await start();
    expect(await application.call(1)).toEqual([]);
  });

  test('8 that are killed again and again, whatever they are doing: no other request fails, never two token requests at once, nothing is left behind', async () => {
    const applications = await startAll(8);
    const failures: string[] = [];
    let kills = 0;
    while (kills < KILLS) {
      loseToken(applications);
      const calls = new Map(applications.map((each) => [each, each.call(1).catch(() => ['killed'])]));
      // Half of them, each at a moment of its own in the time that a token request takes.
      const victims = applications.splice(0, 4);
      await Promise.all(
        victims.map(async (victim) => {
          await new Promise((resolve) => setTimeout(resolve, 40 * Math.random()));
          tokenRequests.killed(victim.pid);
          await victim.kill();
          kills++;
          calls.delete(victim);
          applications.push(await start());
        }),
      );
      failures.push(...(await Promise.all(calls.values())).flat());
    }
    expect(failures).toEqual([]);
    expect(tokenRequests.simultaneous).toEqual([]);
    expect(failuresOf(applications).flat()).toEqual([]);

    // What killed processes left behind goes when the next token is written.
    for (let round = 0; readdirSync(directory).length > 1 && round < 20; round++) {
      loseToken(applications);
      expect(await callAll(applications, 1)).toEqual([]);
    }
    expect(readdirSync(directory)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.open-banking-token$/)]);
  });
});
