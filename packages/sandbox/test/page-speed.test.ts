import { Chromium } from '@open-banking-auth/test-kit/chromium';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { commandOf, describeWith } from '@open-banking-auth/test-kit/programs';
import { History } from '../src/page/history.js';
import type { SendRecord } from '../src/page/page-record.js';
import { servePage } from '../src/page/page-server.js';
import { buildPage } from './page-asset.js';

const chromium = commandOf('chromium');

const ALREADY = 10_000;
const EACH_SECOND = 200;
const SECONDS = IN_FULL ? 3 : 1;

/** A request, as a busy sandbox has them: some slow, some with a 401 and its replay, some failed. */
function send(id: number, at: number): SendRecord {
  const status = id % 50 === 0 ? 401 : id % 97 === 0 ? 503 : 200;
  const base = { kind: 'send', id, at, endAt: at + (id % 7) * 20, lane: '', host: 'api', what: 'GET /psd2/x' } as const;
  if (status === 401)
    return { ...base, status, verdict: 'renew', reason: 'names_token', words: 'Why', token: 'aaaaaaaa' };
  return { ...base, status, token: 'bbbbbbbb', ...(id % 50 === 1 ? { follows: id - 1 } : {}) };
}

/** Resolves when `count` more requests have come, `EACH_SECOND` in a second. */
function more(history: History, count: number): Promise<void> {
  let id = ALREADY;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      for (let added = 0; added < EACH_SECOND / 20; added += 1) {
        id += 1;
        history.add(send(id, Date.now()));
      }
      if (id < ALREADY + count) return;
      clearInterval(timer);
      resolve();
    }, 50);
  });
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ph: string;
  /** The processor time of a task, in microseconds: on a busy machine a task takes longer than that. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** The processor times of the page's tasks in milliseconds, the longest first, while `run` runs. */
async function tasks(browser: Chromium, run: () => Promise<void>): Promise<number[]> {
  const trace: TraceEvent[] = [];
  browser.on('Tracing.dataCollected', (data) => trace.push(...(data as { value: TraceEvent[] }).value));
  await browser.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel', 'devtools.timeline'] } });
  await run();
  const complete = new Promise<void>((resolve) => browser.on('Tracing.tracingComplete', () => resolve()));
  await browser.send('Tracing.end');
  await complete;
  const mains = trace.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  return trace
    .filter(({ pid, tid, ph }) => ph === 'X' && mains.some((main) => main.pid === pid && main.tid === tid))
    .map(({ tdur = 0 }) => tdur / 1_000)
    .sort((one, other) => other - one);
}

describeWith(
  'chromium',
  chromium !== undefined,
  `a page with ${ALREADY} requests, and ${EACH_SECOND} more a second`,
  () => {
    let browser: Chromium;
    beforeAll(async () => {
      buildPage();
      browser = await Chromium.start(chromium ?? '');
      await browser.show(1280, 900);
    });
    afterAll(() => browser.close());

    test.each(['2 min', '5 s', 'all'])('has no task over 50 ms of processor time; %s is shown', async (span) => {
      const history = new History();
      const start = Date.now();
      for (let id = 1; id <= ALREADY; id += 1) history.add(send(id, start - (ALREADY - id) * 10));
      const beginning = () => ({ mode: 'live', title: 'busy', buttons: [] }) as const;
      const page = await servePage({ history, beginning, press: () => true });
      const longest = await tasks(browser, async () => {
        await browser.open(page.url);
        await browser.until(`document.querySelector('#chart path.ok') !== null`);
        await browser.evaluate(
          `{ const s = document.querySelector('#span'); s.value = '${span}'; s.dispatchEvent(new Event('change')); }`,
        );
        await more(history, EACH_SECOND * SECONDS);
        const requests = (ALREADY + EACH_SECOND * SECONDS).toLocaleString('en-GB');
        await browser.until(`[...document.querySelectorAll('dd')][1].firstChild.textContent === '${requests}'`);
      });
      expect(longest.length).toBeGreaterThan(100);
      expect(longest[0]).toBeLessThan(50);
      await page.close();
    });
  },
);
