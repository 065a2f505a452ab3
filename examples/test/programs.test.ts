import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { testWith } from '@open-banking-auth/test-kit/programs';
import { canStartRedis, RedisServer } from '@open-banking-auth/test-kit/redis-server';
import { bundleFiles } from './bundle.js';

const root = resolve(__dirname, '../..');

/** The lines that each program has printed when it is done. */
const printed: Record<string, readonly (string | RegExp)[]> = {
  axios: ['TESTSESS Testbanken AB', 'After a revocation: 200. Tokens in total: 2'],
  ky: ['TESTSESS Testbanken AB', 'The bank says 401. Tokens in total: 1'],
  fetch: ['100 responses with 1 token', /^invalid_client: Check clientId and clientSecret/m],
  'two-contexts': ['10 customers served', "'accountinformation private': 1", "'accountinformation corporate': 1"],
  'express-service': [
    /^\/banks 200 \[\{"bicFi":"TESTSESS"/m,
    '/accounts 403 {"error":"Please give your consent again"}',
    '/banks 503 {"error":"The connection to the bank is not available"}',
  ],
  certificate: ['until 2126', 'axios 200', 'ky 200', 'fetch 200', 'without it: TypeError'],
  fleet: [
    'one token.received\nother token.adopted\nTokens in total: 1',
    'other token.received\none token.adopted\nAfter a revocation: 2',
  ],
  restarts: ['first token.received\nsecond token.adopted\n', '7 starts. Tokens in total: 1'],
  serverless: ['cold { statusCode: 200 } { statusCode: 200 }\nwarm { statusCode: 200 }\nTokens in total: 1'],
  opentelemetry: ['open_banking_auth.token.requests 2', 'open_banking_auth.api.replays 1'],
  pino: [
    /"level":30.*Received an access token/,
    /"level":40.*The API responded with 401.*CONSENT_EXPIRED|CONSENT_EXPIRED.*401/,
  ],
};

const programs = readdirSync(`${root}/examples/programs`).map((file) => basename(file, '.ts'));

test('each program is here, and on the page', () => {
  expect(programs.toSorted()).toEqual(Object.keys(printed).toSorted());
  const page = readFileSync(`${root}/examples/README.md`, 'utf8');
  expect(programs.filter((name) => !page.includes(`[\`${name}\`](programs/${name}.ts)`))).toEqual([]);
});

let redis: RedisServer | undefined;
let bundleOf: (name: string) => string;
beforeAll(async () => {
  bundleOf = await bundleFiles(
    Object.fromEntries(programs.map((name) => [name, `${root}/examples/programs/${name}.ts`])),
  );
  if (!canStartRedis) return;
  redis = new RedisServer();
  await redis.start();
});
afterAll(() => redis?.remove());

for (const name of programs)
  testWith(
    'redis-server',
    name !== 'fleet' || canStartRedis,
    `${name} runs as described, and shows no token`,
    async () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [bundleOf(name)], {
        encoding: 'utf8',
        timeout: 60_000,
        env: { ...process.env, ...(redis && { REDIS_URL: redis.url }) },
      });
      expect([status, stderr.replace(/^invalid_client .*\n/m, '')]).toEqual([0, '']);
      for (const line of printed[name] ?? []) expect(stdout).toMatch(line);
      expect(stdout + stderr).not.toMatch(/Bearer|eyJ/);
    },
  );
