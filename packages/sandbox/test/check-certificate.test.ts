import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, sandboxCertificate, startSandbox } from '@open-banking-auth/sandbox';
import { run } from '../src/command-line/run.js';
import { buildCommandLine } from './built-command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const { pfx, passphrase, cert, key, ca } = sandboxCertificate;
const FILES = {
  pfx: file('client.pfx', pfx),
  cert: file('client.pem', cert),
  key: file('client.key', key),
  ca: file('ca.pem', ca),
};
const program = join(folder, 'bin.mjs');

beforeAll(() => buildCommandLine(program));
afterAll(() => rmSync(folder, { recursive: true }));

const variablesOf = ({ tokenUrl, apiUrl, config }: Sandbox) => ({
  OPEN_BANKING_CLIENT_ID: config.clientId,
  OPEN_BANKING_CLIENT_SECRET: config.clientSecret,
  OPEN_BANKING_TOKEN_URL: tokenUrl,
  OPEN_BANKING_API_URL: apiUrl,
});

/** The check in a process of its own: Node reads NODE_EXTRA_CA_CERTS only when it starts. */
async function check(sandbox: Sandbox, variables: Record<string, string>) {
  const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: FILES.ca, ...variablesOf(sandbox), ...variables };
  const child = spawn(process.execPath, [program, 'check'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
  const [code] = await once(child, 'close');
  return { code, printed };
}

describe.each(['handshake', 'answer'] as const)('an API that demands a client certificate: %s', (clientCertificate) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ clientCertificate });
  });
  afterAll(() => sandbox.close());

  test.each([
    ['a pfx', { OPEN_BANKING_PFX: FILES.pfx, OPEN_BANKING_PFX_PASSPHRASE: passphrase }],
    ['certificate and key', { OPEN_BANKING_CERT: FILES.cert, OPEN_BANKING_KEY: FILES.key }],
  ])('gets %s, and the whole check succeeds', async (_, variables) => {
    const { code, printed } = await check(sandbox, variables);
    expect(printed).toMatch(/^ok {6}settings {3}client certificate, valid until 2126-\d\d-\d\d$/m);
    expect(printed).toContain('Everything works.');
    expect(printed).not.toContain(passphrase);
    expect(code).toBe(0);
    expect(sandbox.requests.at(-1)?.certificate).toBeDefined();
  });
});

describe('a certificate that cannot be used', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'a path that leads nowhere',
      { OPEN_BANKING_PFX: '/nowhere/client.pfx' },
      'The file that OPEN_BANKING_PFX names cannot be read (ENOENT)',
    ],
    [
      'a wrong passphrase',
      { OPEN_BANKING_PFX: FILES.pfx, OPEN_BANKING_PFX_PASSPHRASE: 'wrong-one' },
      'OPEN_BANKING_PFX',
    ],
    ['a certificate without its key', { OPEN_BANKING_CERT: FILES.cert }, 'OPEN_BANKING_KEY is not set'],
    [
      'both ways at once',
      { OPEN_BANKING_PFX: FILES.pfx, OPEN_BANKING_CERT: FILES.cert },
      'Both OPEN_BANKING_PFX and OPEN_BANKING_CERT or OPEN_BANKING_KEY are set',
    ],
  ])('%s is named before any request', async (_, variables, words) => {
    await using sandbox = await startSandbox();
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const stop = new AbortController().signal;
    const io = { out: print, error: print, stop, variables: { ...variablesOf(sandbox), ...variables } };
    expect(await run(['check'], io)).toBe(1);
    expect(lines.join('\n')).toContain(words);
    expect(lines.join('\n')).not.toContain('wrong-one');
    expect(sandbox.stats().tokenRequests).toBe(0);
  });
});

test('an API that asks for a certificate in its response: without one, the check names the variables', async () => {
  await using sandbox = await startSandbox({ clientCertificate: 'answer' });
  const { code, printed } = await check(sandbox, {});
  expect(code).toBe(1);
  expect(printed).toContain('set OPEN_BANKING_PFX and OPEN_BANKING_PFX_PASSPHRASE, or OPEN_BANKING_CERT');
});
