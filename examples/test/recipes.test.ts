import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { introduction } from '../../packages/sandbox/src/command-line/output.js';
import { bundle } from './bundle.js';

const root = resolve(__dirname, '../..');
const folder = `${root}/examples/dist/recipes`;

/** What calls a recipe as its platform would. */
const CALLS = {
  nestjs: `
    import { NestFactory } from '@nestjs/core';
    import { BankModule, Banks } from './nestjs.ts';
    const app = await NestFactory.createApplicationContext(BankModule, { logger: false });
    console.log(await app.get(Banks).names().catch(({ code }) => code));
    await app.close();`,
  'next-route': `
    import { GET } from './next-route.ts';
    const response = await GET(new Request('http://127.0.0.1/banks'));
    console.log(response.status, await response.text());`,
  'aws-lambda': `
    import { handler } from './aws-lambda.ts';
    for (const bicFi of ['TESTSESS', 'NOBODY', undefined])
      console.log(await handler({ queryStringParameters: { bicFi } }).catch(({ code }) => code));`,
  'command-line': "import './command-line.ts';",
  'docker/server': "import './docker/server.ts';",
};
type Recipe = keyof typeof CALLS;

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
  mkdirSync(folder, { recursive: true });
  // The very lines that are printed to be pasted.
  writeFileSync(
    `${folder}/.env`,
    introduction(sandbox)
      .match(/^OPEN_BANKING_\w+=.*$/gm)
      ?.join('\n') ?? '',
  );
  writeFileSync(`${folder}/secret.txt`, `${sandbox.config.clientSecret}\n`);
});
afterEach(() => sandbox.close());

async function start(recipe: Recipe, args: readonly string[], variables: Readonly<Record<string, string>>) {
  const program = await bundle(recipe.replace('/', '-'), {
    contents: CALLS[recipe],
    resolveDir: `${root}/examples/recipes`,
    loader: 'ts',
  });
  // Variables that are set take precedence over the file.
  return spawn(process.execPath, [`--env-file=${folder}/.env`, program, ...args], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** All that it prints until `enough`, or until it ends. */
async function printed(child: ChildProcess, enough?: RegExp): Promise<string> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  const ended = once(child, 'close');
  if (!enough) await ended;
  else while (!enough.test(text)) await Promise.race([once(child.stdout ?? child, 'data'), ended]);
  return text;
}

async function run(recipe: Recipe, args: readonly string[] = [], variables: Readonly<Record<string, string>> = {}) {
  const child = await start(recipe, args, variables);
  const text = await printed(child);
  return { text, code: child.exitCode };
}

const WRONG_SECRET = { OPEN_BANKING_CLIENT_SECRET: 'not-its-secret' };

test('NestJS: the service has the token, and its failure a code', async () => {
  expect(await run('nestjs')).toEqual({ text: "[ 'Testbanken AB', 'Exempelbanken' ]\n", code: 0 });
  expect((await run('nestjs', [], WRONG_SECRET)).text).toBe('invalid_client\n');
});

test('Next.js: the route responds with the banks, or with 503 and the reason in the log', async () => {
  expect((await run('next-route')).text).toMatch(/^200 \{"aspsps":\[\{"bicFi":"TESTSESS"/);
  const { text } = await run('next-route', [], WRONG_SECRET);
  expect(text).toMatch(/^503 \{"error":"The connection to the bank is not available"\}$/m);
  expect(text).toMatch(/^invalid_client /m);
});

test('Next.js: without credentials, as in a build, the route can be loaded, and a request responds with 503', async () => {
  const { text } = await run('next-route', [], { OPEN_BANKING_CLIENT_ID: '', OPEN_BANKING_CLIENT_SECRET: '' });
  expect(text).toMatch(/^503 /m);
  expect(text).toMatch(/^invalid_config .*"clientId", "clientSecret"/m);
});

test('AWS Lambda: invocations share a token', async () => {
  const { text, code } = await run('aws-lambda');
  expect([text.match(/statusCode: \d+/g), code]).toEqual([
    ['statusCode: 200', 'statusCode: 502', 'statusCode: 400'],
    0,
  ]);
  expect(sandbox.stats().tokensIssued).toBe(1);
});

test('a command line: it lists, and ends with status 1 and a reason when it cannot', async () => {
  expect(await run('command-line', ['Exempel'])).toEqual({ text: 'EXMPSESS Exempelbanken\n', code: 0 });
  const { text, code } = await run('command-line', [], WRONG_SECRET);
  expect([text, code]).toEqual([expect.stringMatching(/\(invalid_client\)\n$/), 1]);
});

test('Docker: the secret comes from the file, and stopping ends the service', async () => {
  const variables = {
    PORT: '0',
    OPEN_BANKING_CLIENT_SECRET: '',
    OPEN_BANKING_CLIENT_SECRET_FILE: `${folder}/secret.txt`,
  };
  const child = await start('docker/server', [], variables);
  const port = /port: (\d+)/.exec(await printed(child, /port: \d+/))?.[1];
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  // On Windows a signal from another process kills the program at once.
  expect(await ended).toEqual(process.platform === 'win32' ? [null, 'SIGTERM'] : [0, null]);
});

test('each recipe is called here, and on the page', () => {
  const recipes = readdirSync(`${root}/examples/recipes`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replaceAll('\\', '/').replace('.ts', ''));
  expect(recipes.toSorted()).toEqual(['open-banking', ...Object.keys(CALLS)].toSorted());
  const page = readFileSync(`${root}/examples/README.md`, 'utf8');
  expect(recipes.filter((name) => !page.includes(`(recipes/${name}.ts)`))).toEqual([]);
});
