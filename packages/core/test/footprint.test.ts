import { spawnSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { FakeClock } from '@open-banking-auth/test-kit/fake-clock';
import { CONFIG, granted, settle } from '@open-banking-auth/test-kit/token-endpoint';
import { buildSync } from 'esbuild';

test('100,000 requests with renewals, roll-overs and aborted waiters leave nothing on the heap', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const clock = new FakeClock();
  let tokens = 0;
  let calls = 0;
  const source = createTokenSource({ ...CONFIG, fetch: async () => granted(++tokens) }, { clock });
  const refused = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
  const fetch = openBankingFetch(source, {
    fetch: async () => (++calls % 1_000 === 0 ? new Response(null, refused) : new Response()),
  });
  const round = async (requests: number) => {
    for (let n = 0; n < requests; n += 100) {
      clock.advance(n % 10_000 === 0 ? 3_550_000 : 500);
      const controller = new AbortController();
      const impatient = source.get({ signal: controller.signal }).catch(() => {});
      controller.abort();
      await Promise.all([impatient, ...Array.from({ length: 99 }, () => fetch('https://api.test.invalid/'))]);
    }
    await settle();
    collect();
    return process.memoryUsage().heapUsed;
  };
  await round(10_000);
  const before = await round(10_000);
  const after = await round(100_000);
  expect(tokens).toBeGreaterThan(100);
  // A single object kept for each request would be several times as much.
  expect(after - before).toBeLessThan(2_000_000);
  expect(clock.pendingTimers).toBe(0);
}, 60_000);

test('neither a token held nor a background refresh that hangs keeps a process alive', () => {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `
        import { createTokenSource } from './src/index.ts';
        let calls = 0;
        const fetch = () => ++calls > 1 ? new Promise(() => {}) : new Response('{"access_token":"t","token_type":"Bearer","expires_in":60}');
        let skippedMs = 0;
        const wall = Date.now;
        Date.now = () => wall() + skippedMs;
        const source = createTokenSource({ ...${JSON.stringify(CONFIG)}, fetch }, { random: () => 0 });
        source.get().then(async () => {
          skippedMs = 55_000;
          await source.get();
          await new Promise(setImmediate);
          console.log(calls, 'requests');
        });`,
      resolveDir: `${__dirname}/..`,
    },
    bundle: true,
    platform: 'node',
    write: false,
  });
  // By standard input: as an argument it would be too long for Linux.
  const run = spawnSync(process.execPath, ['-'], {
    input: outputFiles[0]?.text ?? '',
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(run).toMatchObject({ status: 0, signal: null, stdout: '2 requests\n', stderr: '' });
});
