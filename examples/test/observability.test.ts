import { type AuthEvent, createTokenSource, memoryTokenStore, openBankingFetch } from '@open-banking-auth/core';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import {
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import { type Logger, pino } from 'pino';
import { loggedEvents } from '../logging.ts';
import { meteredEvents } from '../metrics.ts';

/** Collects when it is told to, and has no timer. */
class ReaderOnDemand extends MetricReader {
  protected override async onShutdown(): Promise<void> {}
  protected override async onForceFlush(): Promise<void> {}
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly openBankingAuth: AuthEvent;
}

const prefix = 'open_banking_auth.';
const banksPath = '/psd2/aspspinformation/v1/aspsps';
const scope = 'accountinformation private';

let sandbox: Sandbox;
let provider: MeterProvider;
let reader: ReaderOnDemand;
let logger: Logger;
let written: string[];
let events: AuthEvent[];
let callBanks: () => Promise<Response>;

beforeEach(async () => {
  sandbox = await startSandbox();
  reader = new ReaderOnDemand();
  provider = new MeterProvider({ readers: [reader] });
  written = [];
  events = [];
  logger = pino(
    { level: 'debug', base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line) => void written.push(line) },
  );
  const meter = meteredEvents(provider.getMeter('observability'));
  const log = loggedEvents(logger);
  const fetch = openBankingFetch({
    ...sandbox.config,
    onEvent(event) {
      events.push(event);
      meter(event);
      log(event);
    },
  });
  callBanks = () => fetch(sandbox.apiUrl + banksPath);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await provider.shutdown();
  await sandbox.close();
});

async function collectMetrics() {
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

async function pointsOf(name: string): Promise<readonly DataPoint<number | Histogram | ExponentialHistogram>[]> {
  return (await collectMetrics()).find(({ descriptor }) => descriptor.name === prefix + name)?.dataPoints ?? [];
}

/** What is measured under a name: attributes and value; for a histogram how many values went in. */
async function measured(name: string) {
  return (await pointsOf(name)).map(({ attributes, value }) => ({
    ...attributes,
    value: typeof value === 'number' ? value : value.count,
  }));
}

async function remainingLifetime(): Promise<number | undefined> {
  const points = await measured('token.remaining_lifetime');
  expect(points).toEqual([{ scope, value: expect.any(Number) }]);
  return points[0]?.value;
}

function tokenReceived() {
  return events.find((event) => event.type === 'token.received') ?? { durationMs: Number.NaN };
}

function lines(): LogLine[] {
  return written.map((line): LogLine => JSON.parse(line));
}

function levels(): string[][] {
  return lines().map(({ level, openBankingAuth }) => [level, openBankingAuth.type]);
}

test('a cold start is one token request with its duration, and two quiet lines', async () => {
  await Promise.all([callBanks(), callBanks()]);

  expect(await measured('token.requests')).toEqual([{ reason: 'missing', outcome: 'received', value: 1 }]);
  expect(await measured('token.request.duration')).toEqual([{ reason: 'missing', outcome: 'received', value: 1 }]);
  expect(levels()).toEqual([
    ['debug', 'token.requested'],
    ['info', 'token.received'],
  ]);
});

test('the duration is recorded in seconds, into buckets that reach from 50 ms to 15 s', async () => {
  await callBanks();

  const points = await pointsOf('token.request.duration');
  expect(points.map(({ value }) => value)).toMatchObject([
    {
      sum: tokenReceived().durationMs / 1_000,
      buckets: { boundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15] },
    },
  ]);
});

test('the remaining lifetime is that of the moment of collection, and never below 0', async () => {
  const start = Date.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(start);
  await callBanks();

  const lifetime = 3_600 - tokenReceived().durationMs / 1_000;
  expect(await remainingLifetime()).toBeCloseTo(lifetime, 6);
  clock.mockReturnValue(start + 600_000);
  expect(await remainingLifetime()).toBeCloseTo(lifetime - 600, 6);
  clock.mockReturnValue(start + 4_000_000);
  expect(await remainingLifetime()).toBe(0);
});

test('a revoked token is logged as a 401, a renewal and a replay, none of them a warning', async () => {
  await callBanks();
  sandbox.revokeTokens();
  expect((await callBanks()).status).toBe(200);

  expect(await measured('token.requests')).toEqual([
    { reason: 'missing', outcome: 'received', value: 1 },
    { reason: 'rejected', outcome: 'received', value: 1 },
  ]);
  expect(await measured('api.unauthorized')).toEqual([{ verdict: 'renew', reason: 'names_token', value: 1 }]);
  expect(await measured('api.replays')).toEqual([{ value: 1 }]);
  expect(await remainingLifetime()).toBeGreaterThan(3_500);
  expect(levels().slice(2)).toEqual([
    ['info', 'request.unauthorized'],
    ['debug', 'token.requested'],
    ['info', 'token.received'],
    ['debug', 'request.replayed'],
  ]);
});

test('a 401 about a consent is a warning with its code, and no token request', async () => {
  sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' });
  expect((await callBanks()).status).toBe(401);

  expect(await measured('api.unauthorized')).toEqual([{ verdict: 'pass', reason: 'names_other_cause', value: 1 }]);
  expect(await measured('api.replays')).toEqual([]);
  expect(await measured('token.requests')).toEqual([{ reason: 'missing', outcome: 'received', value: 1 }]);
  expect(lines().at(-1)).toMatchObject({
    level: 'warn',
    msg: expect.stringMatching(/^The API responded with 401\. .*consent/),
    openBankingAuth: { verdict: 'pass', code: 'CONSENT_EXPIRED', requestId: expect.any(String) },
  });
});

test('a wrong secret is an error that says what to do, counted under its code', async () => {
  sandbox.fault({ at: 'token', kind: 'wrong-secret' });
  await expect(callBanks()).rejects.toMatchObject({ code: 'invalid_client' });

  expect(await measured('token.requests')).toEqual([{ reason: 'missing', outcome: 'invalid_client', value: 1 }]);
  expect(await measured('token.request.duration')).toEqual([
    { reason: 'missing', outcome: 'invalid_client', value: 1 },
  ]);
  expect(await measured('token.remaining_lifetime')).toEqual([]);
  expect(levels()).toEqual([
    ['debug', 'token.requested'],
    ['error', 'token.failed'],
  ]);
  expect(lines().at(-1)).toMatchObject({
    msg: expect.stringMatching(/^No access token was received: .*clientSecret/),
    openBankingAuth: { code: 'invalid_client', status: 400, oauthError: 'invalid_client' },
  });
});

test('an unauthorized token that cannot be replaced has no lifetime left', async () => {
  await callBanks();
  sandbox.revokeTokens();
  sandbox.fault({ at: 'token', kind: 'wrong-secret' });
  expect((await callBanks()).status).toBe(401);

  expect(await remainingLifetime()).toBe(0);
  expect(levels().at(-1)).toEqual(['error', 'token.failed']);
});

test('a renewal that fails ahead of time is a warning, since nobody waits for it', () => {
  const code = 'token_request_failed';
  const stamp = { at: new Date(0), accepted: 0 };
  loggedEvents(logger)({
    type: 'token.failed',
    scope,
    reason: 'ahead',
    code,
    message: 'Why.',
    durationMs: 1,
    ...stamp,
  });

  expect(lines()).toMatchObject([{ level: 'warn', msg: 'No access token was received: Why.' }]);
});

test('a shared token is counted as adopted, not as requested, and is still good for as long as it is', async () => {
  const config = { ...sandbox.config, store: memoryTokenStore() };
  await createTokenSource(config).get();
  const meter = meteredEvents(provider.getMeter('another process'));
  await createTokenSource({ ...config, onEvent: meter }).get();

  expect(await measured('token.adoptions')).toEqual([{ reason: 'missing', value: 1 }]);
  expect(await measured('token.requests')).toEqual([]);
  expect(await remainingLifetime()).toBeGreaterThan(3_500);
});

test('a store that fails is one outage, and a warning that says which operation failed and how', async () => {
  const meter = meteredEvents(provider.getMeter('store'));
  const log = loggedEvents(logger);
  const down = () => Promise.reject(Object.assign(new Error('not repeated'), { code: 'ECONNREFUSED' }));
  const onEvent = (event: AuthEvent) => {
    meter(event);
    log(event);
  };
  await createTokenSource({ ...sandbox.config, store: { get: down, set: down, delete: down }, onEvent }).get();

  expect(await measured('store.failures')).toEqual([{ operation: 'get', value: 1 }]);
  expect(lines()[0]).toMatchObject({ level: 'warn', msg: 'The token store failed (get: ECONNREFUSED)' });
  expect(written.join('')).not.toContain('not repeated');
});

test('neither token nor secret is logged or exported; tokens are told apart in the log alone, by fingerprint', async () => {
  await callBanks();
  sandbox.revokeTokens();
  await callBanks();
  sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' });
  await callBanks();
  sandbox.revokeTokens();
  sandbox.clearFaults();
  sandbox.fault({ at: 'token', kind: 'wrong-secret' });
  await callBanks();

  const metrics = await collectMetrics();
  expect(metrics.map(({ descriptor }) => descriptor.name.replace(prefix, '')).sort()).toEqual([
    'api.replays',
    'api.unauthorized',
    'token.remaining_lifetime',
    'token.request.duration',
    'token.requests',
  ]);
  const values = metrics.flatMap(({ dataPoints }) => dataPoints.flatMap(({ attributes }) => Object.values(attributes)));
  expect([...new Set(values)].sort()).toEqual(
    [
      scope,
      'missing',
      'rejected',
      'received',
      'invalid_client',
      'renew',
      'pass',
      'names_token',
      'names_other_cause',
    ].sort(),
  );

  const sent = sandbox.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', '') ?? '');
  const secrets = [...new Set(sent), sandbox.config.clientSecret, 'Bearer'];
  expect(secrets).toHaveLength(4);
  const logged = written.join('');
  const exported = JSON.stringify(metrics);
  for (const secret of secrets) {
    expect(logged).not.toContain(secret);
    expect(exported).not.toContain(secret);
  }
  const fingerprints = events.flatMap((event) => (event.type === 'token.received' ? event.token : []));
  expect(fingerprints).toHaveLength(2);
  for (const fingerprint of fingerprints) expect(logged).toContain(fingerprint);
});
