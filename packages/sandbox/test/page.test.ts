import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenSource, memoryTokenStore, openBankingFetch } from '@open-banking-auth/core';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { Chromium } from '@open-banking-auth/test-kit/chromium';
import { commandOf, describeWith } from '@open-banking-auth/test-kit/programs';
import { view } from '../src/command-line/view.js';
import { buildPage } from './page-asset.js';
import { banksPath } from './requests.js';

// The page as a person has it: in Chromium, with its buttons pressed and its words read.
const chromium = commandOf('chromium');

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

describeWith('chromium', chromium !== undefined, 'the page in Chromium', () => {
  let browser: Chromium;
  let sandbox: Sandbox;
  beforeAll(async () => {
    buildPage();
    browser = await Chromium.start(chromium ?? '');
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    sandbox = await startSandbox({ page: true });
    await browser.show(1280, 900);
    await browser.open(sandbox.pageUrl ?? '');
    await browser.until(`document.querySelector('#connection').textContent === 'Connected, live'`);
  });
  afterEach(async () => {
    expect(browser.problems.splice(0)).toEqual([]);
    await sandbox.close();
  });

  const figure = (name: string) =>
    `[...document.querySelectorAll('dl > div')].find((box) => box.firstChild.textContent === ${JSON.stringify(name)})?.lastChild.firstChild.textContent`;
  const shows = (name: string, value: string) => browser.until(`${figure(name)} === '${value}'`);
  const says = (words: string) =>
    browser.until(`document.querySelector('#happenings').textContent.includes(${JSON.stringify(words)})`);
  const click = (label: string, group = '') =>
    browser.evaluate(
      `[...document.querySelectorAll('fieldset')].filter((set) => set.textContent.startsWith('${group}'))
        .flatMap((set) => [...set.querySelectorAll('button')]).find((button) => button.textContent === '${label}').click()`,
    );

  test('press Revoke, and the bar ends, the 401s are followed by replays, a new bar begins', async () => {
    const fetch = openBankingFetch(sandbox.config);
    const all = () => Promise.all(['', '?a', '?b'].map((query) => fetch(sandbox.apiUrl + banksPath + query)));
    await all();
    await shows('Requests', '3');
    await browser.until(`document.querySelectorAll('rect.token:not(.ended)').length === 1`);

    await click('Revoke');
    await says('All tokens were revoked by this sandbox.');
    await browser.until(`document.querySelectorAll('rect.token.ended').length === 1`);
    expect(await browser.evaluate(`document.querySelectorAll('path.cut').length`)).toBe(2); // one is the legend's

    await all();
    await shows('401s healed', '3');
    await shows('Tokens in the last hour', '2');
    await shows('Tokens at the foreign host', '0');
    await says('3 sent again, accepted.');
    await browser.until(`document.querySelectorAll('rect.token:not(.ended)').length === 1`);
    await browser.until(`document.querySelector('#chart path.join') !== null`);
  });

  test('why three requests failed is written on the page', async () => {
    const fetch = openBankingFetch(sandbox.config);
    const call = () => fetch(sandbox.apiUrl + banksPath);
    await click('401 CONSENT_EXPIRED', 'API');
    await browser.until(`document.querySelector('#button-api-401-consent').ariaPressed === 'true'`);
    await call();
    await click('401 CONSENT_EXPIRED', 'API');
    await browser.until(`document.querySelector('#button-api-401-consent').ariaPressed === 'false'`);
    await click('503', 'API');
    await browser.until(`document.querySelector('#button-api-503').ariaPressed === 'true'`);
    await call();
    await click('503', 'API');
    await browser.until(`document.querySelector('#button-api-503').ariaPressed === 'false'`);
    await fetch(`${sandbox.apiUrl}/accounts`);

    await says('CONSENT_EXPIRED. The API names a cause that a new token does not cure');
    await says(`GET ${banksPath}: HTTP 503. This was simulated.`);
    await says('GET /accounts: HTTP 401. ');
    await says('Check path and environment');
    await shows('401s passed on', '2');
    expect(await browser.evaluate(`document.querySelectorAll('rect.fault').length`)).toBe(2);
    await says('see the code in the body. This was simulated. The caller got this 401.');
  });

  test('a 401 that no new token follows says so, and so does the token request that failed', async () => {
    const fetch = openBankingFetch(sandbox.config);
    await fetch(sandbox.apiUrl + banksPath);
    await click('wrong secret', 'Token host');
    await browser.until(`document.querySelector('#button-token-secret').ariaPressed === 'true'`);
    await click('Revoke');
    await says('All tokens were revoked by this sandbox.');
    await fetch(sandbox.apiUrl + banksPath);
    await says('Token request: HTTP 400. invalid_client, the client id or the secret is wrong. This was simulated.');
    await says('Not sent again, for lack of a new token: the token request failed.');
    await browser.until(
      `document.querySelector('#figures').textContent.includes('1 got a 401; for 1, no new token came')`,
    );
    await click('wrong secret', 'Token host');
    await browser.until(`document.querySelector('#button-token-secret').ariaPressed === 'false'`);
  });

  test('with the keyboard: from request to request, and to those that were not accepted', async () => {
    const fetch = openBankingFetch(sandbox.config);
    for (const path of [banksPath, '/accounts', banksPath]) await fetch(sandbox.apiUrl + path);
    await shows('Requests', '3');
    await browser.evaluate(`document.querySelector('#chart').focus()`);
    const details = () => browser.evaluate<string>(`document.querySelector('#details').textContent`);
    await browser.press('ArrowLeft', 'ArrowLeft');
    expect(await details()).toMatch(/^GET \/psd2\S+ to the API: HTTP 200 in \d+ ms with token [\da-f]{8}\.$/);
    await browser.press('ArrowLeft', 'ArrowLeft', true);
    expect(await details()).toMatch(/^GET \/accounts to the API: HTTP 401 .+Check path and environment/);
    await browser.until(`document.querySelector('#chart rect.selected') !== null`);
    await browser.press('Escape', 'Escape');
    expect(await details()).toBe('');
  });

  test('a button that is pressed while the sandbox is gone says so, and so does the page', async () => {
    await sandbox.close();
    await browser.until(`document.querySelector('#connection').textContent.startsWith('Not connected')`);
    await click('Revoke');
    await browser.until(`document.querySelector('#press-status').textContent !== ''`);
    expect(await browser.evaluate(`document.querySelector('#press-status').textContent`)).toBe(
      '“Revoke” had no effect: the sandbox does not respond. Is it still running?',
    );
  });

  describe('for a log', () => {
    const folder = mkdtempSync(join(tmpdir(), 'events-'));
    const file = join(folder, 'events.ndjson');
    afterAll(() => rmSync(folder, { recursive: true }));

    test('it follows the processes of a fleet as lanes, and its text is text, never HTML', async () => {
      const store = memoryTokenStore();
      const fetches = [2, 10, 1].map((number) => {
        const process = `web-${number}`;
        const onEvent = (event: object) => appendFileSync(file, `${JSON.stringify({ process, ...event })}\n`);
        return openBankingFetch(createTokenSource({ ...sandbox.config, store, onEvent }));
      });
      const all = () => Promise.all(fetches.map((fetch) => fetch(sandbox.apiUrl + banksPath)));
      await all();
      const stop = new AbortController();
      const printed: string[] = [];
      const ended = view([file], { out: (text) => printed.push(text), stop: stop.signal });
      while (printed.length === 0) await new Promise(setImmediate);
      await browser.open(/http\S+/.exec(printed[0] ?? '')?.[0] ?? '');
      await browser.until(`document.querySelectorAll('rect.token').length === 3`);
      const lanes = `[...document.querySelectorAll('text.lane')].map((lane) => lane.textContent).join()`;
      expect(await browser.evaluate(lanes)).toBe('web-1,web-2,web-10');

      sandbox.revokeTokens();
      await all();
      await shows('401s healed', '3');
      await shows("Tokens in the log's last hour", '2');
      await browser.until(`document.querySelectorAll('rect.token.ended').length === 3`);

      const html = '<img src=x onerror="document.title=1"><b>bold</b>';
      const event = { type: 'origin.skipped', origin: html, at: new Date(), accepted: 0, process: html };
      appendFileSync(file, `${JSON.stringify(event)}\n{"torn\nforeign\n`);
      await says(html);
      await shows('Lines passed over', '2');
      expect(await browser.evaluate(`document.querySelectorAll('main img, main b').length`)).toBe(0);
      expect(await browser.evaluate('document.title')).toBe('events.ndjson');
      expect(await browser.evaluate(`document.querySelector('#controls').hidden`)).toBe(true);
      await browser.send('Runtime.evaluate', { expression: axe });
      expect(await browser.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')).toEqual([]);
      stop.abort();
      expect(await ended).toBe(0);
    });
  });

  test.each([
    ['no-preference', 3, 8],
    ['reduce', 1, 3],
  ] as const)('with %s for motion, it is drawn %i to %i times in two seconds', async (motion, least, most) => {
    await browser.show(1280, 900, 'light', motion);
    await browser.open(sandbox.pageUrl ?? '');
    await browser.until(`document.querySelector('#chart svg') !== null`);
    const drawn = await browser.evaluate(`new Promise((resolve) => {
      let count = 0;
      new MutationObserver(() => { count += 1; }).observe(document.querySelector('#chart'), { childList: true });
      setTimeout(() => resolve(count), 2000);
    })`);
    expect(drawn).toBeGreaterThanOrEqual(least);
    expect(drawn).toBeLessThanOrEqual(most);
  });

  test('a page of another origin can neither read nor press, whatever it knows', async () => {
    await openBankingFetch(sandbox.config)(sandbox.apiUrl + banksPath);
    const elsewhere = createServer((_, response) => response.end('<title>elsewhere</title>')).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const address = elsewhere.address();
    await browser.open(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`);
    const attempts = await browser.evaluate(`(async () => {
      const url = ${JSON.stringify(sandbox.pageUrl)};
      const outcome = (promise) => promise.then(async (r) => r.type + (await r.text()), () => 'blocked');
      const form = { method: 'POST', mode: 'no-cors', body: '{"id":"revoke","on":true}' };
      return Promise.all([outcome(fetch(url + 'records')), outcome(fetch(url + 'press', form)),
        outcome(fetch(url + 'press', { ...form, mode: 'cors', headers: { 'content-type': 'application/json' } })),
        new Promise((resolve) => { const script = document.createElement('script'); script.onload = () => resolve('loaded');
          script.onerror = () => resolve('blocked'); script.src = url + 'page.js'; document.head.append(script); })]);
    })()`);
    expect(attempts).toEqual(['blocked', 'blocked', 'blocked', 'blocked']);
    await openBankingFetch(sandbox.config)(sandbox.apiUrl + banksPath);
    expect(sandbox.stats().unauthorized).toBe(0);
    elsewhere.close();
    elsewhere.closeAllConnections();
    browser.problems.length = 0;
  });

  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [400, 'light'],
    [400, 'dark'],
  ] as const)(
    'at %i pixels, %s: axe-core finds nothing, and nothing is wider than the window',
    async (width, scheme) => {
      await browser.show(width, 900, scheme);
      const fetch = openBankingFetch(sandbox.config);
      await click('503', 'API');
      await browser.until(`document.querySelector('#button-api-503').ariaPressed === 'true'`);
      await fetch(sandbox.apiUrl + banksPath);
      await fetch(sandbox.foreignUrl, { headers: { authorization: 'Basic eA==' } });
      sandbox.revokeTokens();
      await shows('Tokens at the foreign host', '1');
      await says('All tokens were revoked by this sandbox.');
      await browser.send('Runtime.evaluate', { expression: axe });
      const violations = await browser.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`,
      );
      expect(violations).toEqual([]);
      expect(await browser.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    },
  );
});
