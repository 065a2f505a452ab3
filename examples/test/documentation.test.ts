import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { sandboxCertificate } from '@open-banking-auth/sandbox';
import { sourcesOfEntries } from '@open-banking-auth/test-kit/entries';
import { testWith } from '@open-banking-auth/test-kit/programs';
import { canStartRedis, RedisServer } from '@open-banking-auth/test-kit/redis-server';
import axios from 'axios';
import { transformSync } from 'esbuild';
import nock from 'nock';
import { PLATFORMS, PlatformServer, registeredKey } from '../../packages/core/test/platforms/platforms.js';

const root = resolve(__dirname, '../..');
const folder = `${root}/examples/dist/documentation`;
const started = process.cwd();

interface Block {
  readonly name: string;
  readonly file: string;
  readonly code: string;
}

/** Every `ts` block of the documentation, and in docs/ every whole program in JavaScript, named after its page and heading. */
function blocksOf(page: string): Block[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```(ts|js)\n(.*?)^```$/gms)].flatMap(({ 1: language, 2: code = '', index }, nth) => {
    if (language === 'js' && !(page.startsWith(`${root}/docs/`) && code.startsWith('import '))) return [];
    const heading = [...text.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '';
    const path = relative(root, page);
    return { name: `${path}: ${heading}`, file: `${path.replaceAll(/[/.]/g, '-')}-${nth + 1}.${language}`, code };
  });
}

const pages = [
  `${root}/README.md`,
  `${root}/CONTRIBUTING.md`,
  ...readdirSync(`${root}/docs`, { withFileTypes: true }).flatMap((page) =>
    page.name.endsWith('.md') ? `${root}/docs/${page.name}` : [],
  ),
  ...readdirSync(`${root}/packages`).map((name) => `${root}/packages/${name}/README.md`),
];
const blocks = pages.flatMap(blocksOf);

// Blocks that connect to Redis run where there is one, and are type-checked everywhere.
const redis = process.env.REDIS_URL === undefined && canStartRedis ? new RedisServer() : undefined;
const runnable = ({ code }: Block) => Boolean(redis || process.env.REDIS_URL || !code.includes('REDIS_URL'));

/** A block as a function that can be called: its imports hoisted, so that it may await at its top level. */
function compile(code: string): () => Promise<void> {
  const imports = [...code.matchAll(/^import .*?;\n/gms)].map(([line]) => line).join('');
  const rest = code.replaceAll(/^import .*?;\n/gms, '');
  const wrapped = `${imports}export default async function () {\n${rest}}\n`;
  const { code: commonjs } = transformSync(wrapped, { loader: 'ts', format: 'cjs', target: 'es2022' });
  const module = { exports: {} as { default?: () => Promise<void> } };
  new Function('require', 'module', 'exports', commonjs)(require, module, module.exports);
  if (!module.exports.default) throw new Error('The block has become no function');
  return module.exports.default;
}

beforeAll(async () => {
  await redis?.start();
  if (redis) process.env.REDIS_URL = redis.url;
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
  process.env.OPEN_BANKING_CLIENT_ID = 'invented-id';
  process.env.OPEN_BANKING_CLIENT_SECRET = 'invented-secret';
  process.env.OPEN_BANKING_PFX_PASSPHRASE = sandboxCertificate.passphrase;
  jest.spyOn(console, 'log').mockReturnValue();
  jest.spyOn(console, 'warn').mockReturnValue();
  jest.spyOn(console, 'error').mockReturnValue();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // The blocks read their certificate from where they are run.
  writeFileSync(`${folder}/client.pfx`, sandboxCertificate.pfx);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  registeredKey.privateKey = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(`${folder}/client.key`, registeredKey.privateKey);
  process.chdir(folder);
});
afterAll(async () => {
  process.chdir(started);
  await redis?.remove();
  nock.cleanAll();
  nock.restore();
  jest.restoreAllMocks();
});

beforeEach(() => {
  axios.interceptors.request.clear();
  axios.interceptors.response.clear();
  nock.cleanAll();
  for (const [tokenHost, apiHost] of [
    ['oauth.sandbox', 'api.sandbox'],
    ['auth', 'api'],
  ]) {
    nock(`https://${tokenHost}.openbankingplatform.com`)
      .persist()
      .post('/connect/token')
      .reply((_uri, body) =>
        String(body).includes('client_id=invented-id')
          ? [200, { access_token: crypto.randomUUID(), token_type: 'Bearer', expires_in: 3600 }]
          : [400, { error: 'invalid_client' }],
      );
    nock(`https://${apiHost}.openbankingplatform.com`)
      .persist()
      .get('/psd2/aspspinformation/v1/aspsps')
      .reply(200, { aspsps: [{ bicFi: 'TESTSESS', name: 'Testbanken AB' }] });
  }
  answerAsPlatforms();
});

/** The platforms of docs/platforms.md, each as strict as its documentation. Their certificates are not seen here. */
function answerAsPlatforms(): void {
  for (const platform of Object.values(PLATFORMS)) {
    const server = new PlatformServer(platform);
    const { origin, pathname } = new URL(platform.tokenUrl);
    const reply = async (response: Response) => [response.status, await response.text()] as const;
    nock(origin)
      .persist()
      .post(pathname)
      .reply(async function (_uri, body) {
        const headers = new Headers(this.req.headers as Record<string, string>);
        return reply(
          server.token({ headers, body: typeof body === 'string' ? body : JSON.stringify(body), certificate: true }),
        );
      });
    const api = nock(platform.api).persist();
    for (const call of [api.get(/^/), api.post(/^/)]) {
      call.reply(async function () {
        return reply(server.api(new Headers(this.req.headers as Record<string, string>)));
      });
    }
  }
}

test('there are blocks to run', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(15);
});

/** What each way to authenticate needs. */
const NEEDED = { client_secret_basic: 'clientSecret', private_key_jwt: 'clientKey', tls_client_auth: 'fetch' };

test('every block type-checks, as strictly as the library itself, and the compiler names what a method needs', () => {
  for (const { file, code } of blocks) writeFileSync(`${folder}/${file}`, `${code}export {};\n`);
  const incomplete = Object.keys(NEEDED).map(
    (method) =>
      `createTokenSource({ tokenUrl: 'x', apiOrigins: [], clientId: 'x', clientAuthentication: '${method}' });\n`,
  );
  const imported = "import { createTokenSource } from '@open-banking-auth/core';";
  writeFileSync(`${folder}/incomplete.ts`, `${imported}\n${incomplete.join('')}`);
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      extends: `${root}/tsconfig.base.json`,
      compilerOptions: {
        noEmit: true,
        noUnusedLocals: false,
        typeRoots: [`${root}/node_modules/@types`],
        paths: Object.fromEntries(Object.entries(sourcesOfEntries()).map(([name, file]) => [name, [file]])),
      },
      include: ['*.ts', `${root}/examples/test/per-request-options.ts`],
    }),
  );
  const { stdout } = spawnSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', folder], {
    encoding: 'utf8',
  });
  const errors = stdout.split(/^(?=\S)/m);
  const ofIncomplete = errors.filter((error) => error.includes('incomplete.ts'));
  expect(errors.filter((error) => !ofIncomplete.includes(error))).toEqual([]);
  const missing = Object.values(NEEDED).map((name) => expect.stringContaining(`Property '${name}' is missing`));
  expect(ofIncomplete).toEqual(missing);
});

for (const block of blocks) testWith('redis-server', runnable(block), block.name, () => compile(block.code)());

test('the README shows every option, error code and event that there is', () => {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const source = (file: string) => readFileSync(`${root}/packages/core/src/${file}.ts`, 'utf8');
  const options = [...source('config/settings').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(({ 1: name = '' }) => name);
  options.push('clientId', 'clientSecret', 'clientKey');
  const codes = [...source('errors').matchAll(/^ {2}\| '(\w+)'/gm)].map(({ 1: name = '' }) => name);
  const events = [...source('events').matchAll(/type: '([\w.]+)'/g)].map(({ 1: name = '' }) => name);
  expect([options.length, codes.length, events.length]).toEqual([expect.any(Number), 8, 10]);
  const internal = ['tokenHint', 'budgetMs', 'emit', 'countAccepted', 'fingerprintOf', 'profile', 'credential'];
  const missing = [...options, ...codes, ...events].filter(
    (name) => !internal.includes(name) && !readme.includes(`\`${name}\``),
  );
  expect(missing).toEqual([]);
});

test('the troubleshooting page has every error code and every reason of a 401', () => {
  const page = readFileSync(`${root}/docs/troubleshooting.md`, 'utf8');
  const source = (file: string) => readFileSync(`${root}/packages/core/src/${file}.ts`, 'utf8');
  const members = (file: string, type: string) => {
    const [, union = ''] = new RegExp(`^export type ${type} =([^]*?'\\w+');`, 'm').exec(source(file)) ?? [];
    return [...union.matchAll(/^ {2}\| '(\w+)'/gm)].map(({ 1: name = '' }) => name);
  };
  const codes = members('errors', 'OpenBankingAuthErrorCode');
  const reasons = members('events', 'VerdictReason');
  expect([codes.length, reasons.length]).toEqual([8, 11]);
  expect(codes.filter((code) => !page.includes(`\n### \`${code}\`\n`))).toEqual([]);
  expect(reasons.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
});

// `npm run pack:check` runs the one for Vitest.
test.each(['test/testing-page.test.ts', 'vitest/bank.test.ts'])('docs/testing.md has all of %s', (file) => {
  const program = readFileSync(`${root}/examples/${file}`, 'utf8');
  expect(readFileSync(`${root}/docs/testing.md`, 'utf8')).toContain(`\`\`\`typescript\n${program}\`\`\``);
});

test('each guarantee in SECURITY.md names a test that exists', () => {
  const rows = [...readFileSync(`${root}/SECURITY.md`, 'utf8').matchAll(/\| `(\S+\.ts)`: "(.+?)"/g)];
  expect(rows.length).toBeGreaterThanOrEqual(12);
  const missing = rows.filter(([, file = '', title = '']) => {
    const source = readFileSync(`${root}/${file}`, 'utf8').replaceAll("\\'", "'");
    return !source.includes(title);
  });
  expect(missing.map(([row]) => row)).toEqual([]);
});

/** As GitHub makes them: lower case, no punctuation, hyphens for spaces. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(({ 1: heading = '' }) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  );
}

test.each([
  ...pages,
  `${root}/ARCHITECTURE.md`,
  `${root}/SECURITY.md`,
  `${root}/examples/README.md`,
  `${root}/bench/README.md`,
])('every link of %s leads somewhere', (page) => {
  const text = readFileSync(page, 'utf8').replaceAll(/^```.*?^```$/gms, '');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  const broken = links.filter(([, path = '', anchor]) => {
    const target = path === '' ? page : resolve(page, '..', path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});
