import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenSource, memoryTokenStore, openBankingFetch } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';
import { cpuMs, HOSTILE_PIECES, MOST_MS } from '@open-banking-auth/test-kit/hostile-text';
import { EventLog } from '../src/page/event-log.js';
import { EventRecords } from '../src/page/event-records.js';
import { History } from '../src/page/history.js';
import type { PageRecord, SendRecord } from '../src/page/page-record.js';
import { banksPath } from './requests.js';

const folder = mkdtempSync(join(tmpdir(), 'events-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The recipe of docs/production.md. */
function writesTo(file: string, process: number) {
  return (event: object) => appendFileSync(file, `${JSON.stringify({ process, ...event })}\n`);
}

const isSend = (record: PageRecord): record is SendRecord => record.kind === 'send';

test("a process's own log shows its tokens, its 401s with what came of them, and how many requests were accepted", async () => {
  await using sandbox = await startSandbox();
  const file = join(folder, 'one.ndjson');
  const fetch = openBankingFetch(createTokenSource({ ...sandbox.config, onEvent: writesTo(file, 1) }));
  const call = () => fetch(sandbox.apiUrl + banksPath);
  for (let sent = 0; sent < 5; sent += 1) await call();
  sandbox.revokeTokens();
  await call();
  sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' });
  await call();

  const history = new History();
  const log = await EventLog.open(file, history);
  log.close();
  const tokens = history.records.filter(({ kind }) => kind === 'token');
  const [, first, , second, third] = history.records.filter(isSend).toSorted((one, other) => one.id - other.id);
  expect(tokens).toHaveLength(2);
  expect(first).toMatchObject({ host: 'api', status: 401, reason: 'names_token', verdict: 'renew', lane: '1' });
  expect(second).toMatchObject({ status: 200, follows: first?.id });
  expect(third).toMatchObject({ status: 401, verdict: 'pass', words: expect.stringMatching(/^CONSENT_EXPIRED\. /) });
  expect(history.records).toContainEqual(expect.objectContaining({ kind: 'rejection', how: 'replaced after a 401' }));
  expect(history.figures).toMatchObject({
    requests: 8,
    unauthorized: 2,
    healed: 1,
    passed: { names_other_cause: 1 },
    torn: 0,
    foreignLines: 0,
  });
});

test(`an event of hostile text, however long, is read within ${MOST_MS} ms`, async () => {
  const names = [
    'scope',
    'message',
    'error',
    'operation',
    'origin',
    'word',
    'token',
    'hint',
    'reason',
    'code',
    'process',
  ];
  const slow: object[] = [];
  for (const piece of [...HOSTILE_PIECES, 'a', 'aaaaaaaa-', 'aaaaaaaa.']) {
    const text = piece.repeat(2 ** 16 / piece.length);
    for (const type of ['token.failed', 'request.unauthorized', 'store.failed', 'token.received']) {
      const fields = Object.fromEntries(names.map((name) => [name, text]));
      const line = JSON.stringify({ type, at: new Date(), ...fields });
      const tookMs = await cpuMs(() => new EventRecords().read(line), 2);
      if (tookMs > MOST_MS) slow.push({ piece, type, tookMs });
    }
    if (slow.length > 0) break;
  }
  expect(slow).toEqual([]);
});

test('a token that is cut off by the end of what is read of a text is not shown', () => {
  const [record] = new EventRecords().read(
    JSON.stringify({
      type: 'token.failed',
      at: new Date(),
      message: `${'aaaaaaaa-'.repeat(111)} tok3n-abcDEF0123456789-XYZ-0123456789-and-so-on`,
    }),
  );
  expect(JSON.stringify(record)).not.toContain('tok3n');
});

test('several processes are lanes of their own, and a token that came from the store was not issued again', async () => {
  await using sandbox = await startSandbox();
  const file = join(folder, 'fleet.ndjson');
  const store = memoryTokenStore();
  for (const process of [1, 2, 3])
    await createTokenSource({ ...sandbox.config, store, onEvent: writesTo(file, process) }).get();
  const history = new History();
  (await EventLog.open(file, history)).close();
  const tokens = history.records.filter((record) => record.kind === 'token');
  expect(tokens.map(({ lane, adopted }) => [lane, adopted])).toEqual([
    ['1', undefined],
    ['2', true],
    ['3', true],
  ]);
  expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
});

const EVENT = JSON.stringify({
  process: 'a',
  type: 'origin.skipped',
  origin: 'https://a.invalid',
  at: '2026-01-01T00:00:00.000Z',
});

test('lines that are torn or of something else are counted and passed over', async () => {
  const file = join(folder, 'torn.ndjson');
  const foreign = [
    '{"level":30,"msg":"hello"}',
    'plain text',
    '[1]',
    'null',
    '{"type":"constructor","at":"2026-01-01"}',
  ];
  const untimed = '{"type":"origin.skipped","origin":"x"}';
  writeFileSync(file, [EVENT, EVENT.slice(0, 30), ...foreign, untimed, '', EVENT, EVENT.slice(0, 9)].join('\n'));
  const history = new History();
  (await EventLog.open(file, history)).close();
  expect(history.records).toHaveLength(2);
  expect(history.figures).toMatchObject({ torn: 2, foreignLines: 6 });
});

test('a line that is being written is torn only until its end has come; a file that is emptied is read anew', async () => {
  const file = join(folder, 'growing.ndjson');
  writeFileSync(file, EVENT.slice(0, 20));
  const history = new History();
  const added = (count: number) =>
    new Promise<void>((resolve) => {
      const end = history.subscribe(() => {
        if (history.records.length < count) return;
        end();
        resolve();
      });
    });
  const log = await EventLog.open(file, history);
  expect(history.figures.torn).toBe(1);
  const second = added(2);
  appendFileSync(file, `${EVENT.slice(20)}\n${EVENT}\n`);
  await second;
  expect(history.figures.torn).toBe(0);
  const third = added(3);
  writeFileSync(file, `${EVENT}\n`);
  await third;
  log.close();
});

test('lines of the pino recipe are read as they are, with host and process as the lane', () => {
  const { at, ...event } = JSON.parse(EVENT);
  const line = { level: 20, time: Date.parse(at), pid: 7, hostname: 'web', openBankingAuth: event, msg: 'words' };
  const { process: _, ...openBankingAuth } = event;
  expect(new EventRecords().read(JSON.stringify({ ...line, openBankingAuth }))).toMatchObject([
    { kind: 'remark', lane: 'web 7', at: Date.parse(at) },
  ]);
});

test('a token that somebody else has written into the log does not reach the page', () => {
  const token = `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(40)}`;
  const event = { ...JSON.parse(EVENT), origin: `https://x.invalid/${token}`, process: token };
  expect(JSON.stringify(new EventRecords().read(JSON.stringify(event)))).not.toContain('aaaaaaaa');
});

test.each([
  ['token.failed', { shared: true, message: 'Why.' }, 'found in the store: Why.'],
  ['token.renewal_paused', { pauseMs: 60_000 }, 'for 60 s'],
  ['store.failed', { operation: 'get', error: 'ECONNREFUSED' }, 'The store failed (get: ECONNREFUSED)'],
  ['scope.unrecognised', { word: 'typo' }, 'do not list: typo'],
])('a remark on %s is in words', (type, fields, words) => {
  const line = JSON.stringify({ ...JSON.parse(EVENT), type, ...fields });
  expect(new EventRecords().read(line)).toMatchObject([{ kind: 'remark', words: expect.stringContaining(words) }]);
});

test('fields of wrong types are passed over, and nothing fails', () => {
  for (const type of ['token.received', 'token.adopted', 'token.failed', 'request.unauthorized', 'request.replayed']) {
    const line = JSON.stringify({ type, at: 5, accepted: 'x', token: {}, scope: 1, request: null, status: [] });
    expect(Array.isArray(new EventRecords().read(line))).toBe(true);
  }
});
