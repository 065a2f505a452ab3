// Draws docs/page.png: the sandbox's page after a fixed run, in Chromium. Needs the built packages and chromium.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { openBankingFetch } from '../packages/core/dist/esm/index.js';
import { startSandbox } from '../packages/sandbox/dist/esm/index.js';
import { root } from './workspace.cjs';

const driver = await build({
  entryPoints: [`${root}/packages/test-kit/src/chromium.ts`],
  platform: 'node',
  format: 'esm',
  write: false,
});
const { Chromium } = await import(
  `data:text/javascript;base64,${Buffer.from(driver.outputFiles[0].contents).toString('base64')}`
);

const banks = '/psd2/aspspinformation/v1/aspsps';
const sandbox = await startSandbox({ page: true });
const browser = await Chromium.start(process.env.CHROMIUM_PATH ?? 'chromium');
try {
  await browser.show(1100, 655);
  await browser.send('Emulation.setScrollbarsHidden', { hidden: true });
  await browser.open(sandbox.pageUrl);
  const choose = (span) =>
    browser.evaluate(
      `{ const s = document.querySelector('#span'); s.value = '${span}'; s.dispatchEvent(new Event('change')); }`,
    );
  await browser.until(`document.querySelector('#connection').textContent === 'Connected, live'`);
  await choose('5 s');
  await run();
  await sleep(700);
  writeFileSync(`${root}/docs/page.png`, await browser.picture());
} finally {
  await browser.close();
  await sandbox.close();
}

/** Requests that overlap, in the middle of them a revoked token; then a consent that has expired, and an API that fails. */
async function run() {
  const fetch = openBankingFetch(sandbox.config);
  const get = async (path) => (await fetch(sandbox.apiUrl + path)).arrayBuffer();
  const pending = [];
  const slow = sandbox.fault({ kind: 'slow', at: 'api', delayMs: 80, jitterMs: 260 });
  for (let call = 0; call < 40; call += 1) {
    pending.push(get(banks));
    await sleep(45);
    if (call === 22) sandbox.revokeTokens();
  }
  await Promise.all(pending);
  slow();
  for (const fault of [
    { kind: 'unauthorized', at: 'api', code: 'CONSENT_EXPIRED' },
    { kind: 'status', at: 'api', status: 503 },
  ]) {
    await sleep(250);
    const end = sandbox.fault(fault);
    await get('/psd2/accountinformation/v1/accounts');
    await sleep(120);
    end();
    await sleep(250);
    await get(banks);
  }
}
