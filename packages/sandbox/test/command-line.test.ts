import { get } from 'node:https';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { sandboxCertificate, startSandbox } from '@open-banking-auth/sandbox';
import { run } from '../src/command-line/run.js';
import { wrap } from '../src/command-line/wrap.js';
import { banksPath, readJson } from './requests.js';

/** Runs the command line, calls `use` with the text printed at the start, then stops it. */
async function runWith(args: string[], use: (introduction: string) => Promise<void> = async () => {}) {
  const stop = new AbortController();
  const out: string[] = [];
  const error: string[] = [];
  let started: (introduction: string) => void = () => {};
  const introduction = new Promise<string>((resolve) => {
    started = resolve;
  });
  const exit = run(args, {
    out: (line) => {
      out.push(line);
      started(line);
    },
    error: (line) => error.push(line),
    stop: stop.signal,
    variables: {},
  });
  const first = await Promise.race([introduction, exit]);
  if (typeof first === 'string') await use(first);
  stop.abort();
  return { code: await exit, out, error: error.join('\n') };
}

const find = (text: string, pattern: RegExp) => pattern.exec(text)?.[1] ?? '';

test('--help explains every option and starts nothing', async () => {
  const { code, out } = await runWith(['--help']);
  expect(code).toBe(0);
  expect(out).toHaveLength(1);
  for (const option of [
    '--token-port',
    '--api-port',
    '--foreign-port',
    '--lifetime-seconds',
    '--client-certificate',
    '--fault',
    '--version',
    '--help',
  ])
    expect(out[0]).toContain(`  ${option} `);
});

test('it prints a working configuration, logs each request without its secrets, and stops on request', async () => {
  let token = '';
  let secret = '';
  const { code, out } = await runWith(['--lifetime-seconds', '0.5'], async (introduction) => {
    secret = find(introduction, /clientSecret: '(.+)'/);
    const response = await fetch(find(introduction, /tokenUrl: '(.+)'/), {
      method: 'POST',
      body: new URLSearchParams({
        client_id: find(introduction, /clientId: '(.+)'/),
        client_secret: secret,
        grant_type: 'client_credentials',
        scope: find(introduction, /scope: '(.+)'/),
      }),
    });
    const body = await readJson(response);
    expect(body).toMatchObject({ expires_in: 0.5, scope: 'accountinformation private' });
    token = String(body.access_token);
    const api = find(introduction, /apiOrigins: \['(.+)'\]/);
    await fetch(`${api}/echo`, { headers: { Authorization: `Bearer ${token}`, 'X-Request-ID': crypto.randomUUID() } });
  });
  expect(code).toBe(0);
  const [introduction, ...log] = out;
  expect(introduction).toContain('Its client is invented');
  expect(log).toStrictEqual([
    expect.stringMatching(
      /^[\d:]{8} {2}token {4}200 {2}POST \/connect\/token {2}\d+ ms {2}token [\da-f]{8} {2}token issued for: /,
    ),
    expect.stringMatching(/^[\d:]{8} {2}api {6}200 {2}GET \/echo {2}\d+ ms {2}token [\da-f]{8}$/),
    'Stopped.',
  ]);
  for (const hidden of [token, secret]) expect(log.join('\n')).not.toContain(hidden);
});

test.each(['handshake', 'answer'])(
  '--client-certificate %s makes it demand a certificate, and prints how to send one',
  async (how) => {
    const { code } = await runWith(['--client-certificate', how], async (introduction) => {
      expect(introduction).toContain('clientCertificate({ pfx, passphrase, ca })');
      const [api, { ca, pfx, passphrase }] = [find(introduction, /apiOrigins: \['(https:.+)'\]/), sandboxCertificate];
      const status = await new Promise((resolve, reject) => {
        get(`${api}/`, { ca, pfx, passphrase }, (response) => resolve(response.statusCode)).once('error', reject);
      });
      expect(status).toBe(401);
      await expect(fetch(api)).rejects.toThrow('fetch failed');
    });
    expect(code).toBe(0);
  },
);

test('the log distinguishes tokens without showing them', async () => {
  const { out } = await runWith([], async (introduction) => {
    const tokens = createTokenSource({
      tokenUrl: find(introduction, /tokenUrl: '(.+)'/),
      apiOrigins: [find(introduction, /apiOrigins: \['(.+)'\]/)],
      clientId: find(introduction, /clientId: '(.+)'/),
      clientSecret: find(introduction, /clientSecret: '(.+)'/),
      scope: find(introduction, /scope: '(.+)'/),
    });
    const fetch = openBankingFetch(tokens);
    await fetch(`${find(introduction, /apiOrigins: \['(.+)'\]/)}${banksPath}`);
    tokens.clear();
    await fetch(`${find(introduction, /apiOrigins: \['(.+)'\]/)}${banksPath}`);
  });
  const shown = out.slice(1).map((line) => find(line, /token ([\da-f]{8})/));
  const [first, , second] = shown;
  expect(shown).toStrictEqual([first, first, second, second, '']);
  expect(first).not.toBe(second);
});

test('--fault simulates failures from the start, and the log names them', async () => {
  const faults = ['api:status,status=503,times=1', 'token:body,body={"a":1,"b":2},path=/connect'];
  const { out } = await runWith(['--fault', faults[0] ?? '', '--fault', faults[1] ?? ''], async (introduction) => {
    const token = await fetch(find(introduction, /tokenUrl: '(.+)'/), { method: 'POST' });
    expect(await token.text()).toBe('{"a":1,"b":2}');
    const api = find(introduction, /apiOrigins: \['(.+)'\]/);
    expect((await fetch(api)).status).toBe(503);
    expect((await fetch(api)).status).toBe(401);
  });
  expect(out.map((line) => find(line, /(fault: \w+)/))).toStrictEqual(['', 'fault: body', 'fault: status', '', '']);
});

test('a request cut off by shutdown is not logged', async () => {
  let cutOff: Promise<unknown> = Promise.resolve();
  const { out } = await runWith(['--fault', 'api:hang,path=/echo'], async (introduction) => {
    const api = find(introduction, /apiOrigins: \['(.+)'\]/);
    cutOff = fetch(`${api}/echo`).catch((error: unknown) => error);
    await fetch(api);
  });
  await cutOff;
  await new Promise(setImmediate);
  expect(out.at(-1)).toBe('Stopped.');
});

test('a port that is already in use is an error that names the flag', async () => {
  await using other = await startSandbox();
  for (const flag of ['--token-port', '--api-port', '--foreign-port']) {
    const { code, error } = await runWith([flag, new URL(other.apiUrl).port]);
    expect(code).toBe(1);
    expect(error).toBe(
      `@open-banking-auth/sandbox: ${flag}: port ${new URL(other.apiUrl).port} is already in use on 127.0.0.1; choose another port, or 0 for any free one`,
    );
  }
});

test.each([
  [['--token-port', 'http'], "--token-port must be a whole number from 0 (any free port) to 65535, got 'http'"],
  [['--api-port', '65536'], "--api-port must be a whole number from 0 (any free port) to 65535, got '65536'"],
  [['--foreign-port='], "--foreign-port must be a whole number from 0 (any free port) to 65535, got ''"],
  [['--lifetime-seconds', '0'], "--lifetime-seconds must be a number of seconds above 0, got '0'"],
  [['--client-certificate', 'yes'], "--client-certificate must be 'handshake' or 'answer', got 'yes'"],
  [['--fault', 'api'], "--fault 'api': it must begin with a host and a kind, such as api:hang"],
  [['--fault', 'api:late'], "--fault 'api:late': the kind must be one of slow, hang,"],
  [['--fault', 'api:unautorized'], "wrong-secret, got 'unautorized'. Did you mean 'unauthorized'?"],
  [['--fault', 'bank:hang'], "--fault 'bank:hang': the host must be one of token, api, foreign, got 'bank'.\n"],
  [['--fault', 'tokne:lsow'], "the host must be one of token, api, foreign, got 'tokne'. Did you mean 'token'?"],
  [['--fault', 'api:wrong-secret'], `The fault's "at" must be one of token, got 'api'`],
  [['--fault', 'api:slow,delayms=1'], "Did you mean 'delayMs'?"],
  [
    ['--fault', 'api:hang,delay=1'],
    "--fault 'api:hang,delay=1': 'delay' is not an option of hang, which has times, path",
  ],
  [['--fault', 'api:slow'], "--fault 'api:slow': delayMs is missing"],
  [['--fault', 'api:status,status=no'], `The fault's "status" must be 200 to 599, got NaN`],
  [['--port', '1'], "'--port' is not an option. Did you mean '--token-port'?"],
  [['--lifetime-second', '1'], "'--lifetime-second' is not an option. Did you mean '--lifetime-seconds'?"],
  [['--verbose'], "'--verbose' is not an option"],
  [['chekc'], "'chekc' is not a command. Did you mean 'check'?"],
  [['--chek'], "'--chek' is not an option. Did you mean 'check'?"],
  [['help'], "'help' is not a command. Did you mean '--help'?"],
  [['check', 'production'], "'check' takes no arguments: its settings are environment variables"],
  [['check', '--verbose'], "'check' takes no arguments"],
  [['production'], "'production' is not a command.\n"],
  [['--api-port', '0', 'check'], "'check' must come first"],
  [['--token-port'], "Option '--token-port <value>' argument missing"],
])('%j is an error with the reason and exit code 1', async (args, message) => {
  const { code, out, error } = await runWith(args);
  expect(code).toBe(1);
  expect(out).toStrictEqual([]);
  expect(error).toContain(message);
  expect(error).toContain('--help');
});

test.each([40, 60, 80])('at %i columns no word of the help is broken, and none is lost', async (columns) => {
  const { out } = await runWith(['--help']);
  const help = out.join('\n');
  const wrapped = wrap(help, columns);
  const words = (text: string) => text.split(/\s+/);
  expect(words(wrapped)).toEqual(words(help));
  const tooWide = wrapped.split('\n').filter((line) => line.length > columns && line.trim().includes(' '));
  expect(tooWide).toEqual([]);
});

test('a second column stays one, and text that is no terminal stays as it is', () => {
  const line = '  --api-port <port>   port of the API host (default: any free port)';
  expect(wrap(line, 50).split('\n')).toEqual([
    '  --api-port <port>   port of the API host',
    '                      (default: any free port)',
  ]);
  expect(wrap(line, 40).split('\n')).toEqual([
    '  --api-port <port>',
    '      port of the API host (default:',
    '      any free port)',
  ]);
  expect(wrap(line, undefined)).toBe(line);
});

test('an item of a list goes on below its text', () => {
  expect(wrap('- Set the values that the portal shows', 24)).toBe('- Set the values that\n  the portal shows');
});

test('the lines for a .env file are the ones that check reads', async () => {
  await runWith([], async (introduction) => {
    const lines = introduction.match(/^OPEN_BANKING_\w+=.*$/gm) ?? [];
    const variables = Object.fromEntries(
      lines.map((line) => [line.replace(/=.*/, ''), line.replace(/^\w+=/, '').replace(/^"(.*)"$/, '$1')]),
    );
    const out: string[] = [];
    const code = await run(['check'], {
      out: (line) => out.push(line),
      error: (line) => out.push(line),
      stop: new AbortController().signal,
      variables,
    });
    expect([code, out.at(-1)]).toEqual([0, '\nEverything works.']);
  });
});

test.each([
  [['view'], "'view' needs the name of one file of events"],
  [['view', 'one', 'two'], "'view' needs the name of one file of events"],
  [['view', '/nowhere/events.ndjson'], "There is no file '/nowhere/events.ndjson'"],
  [['--token-port', '0', 'view'], "'view' must come first, then the name of the file"],
  [['veiw', 'events.ndjson'], "'veiw' is not a command. Did you mean 'view'?"],
])('%j says what is missing', async (args, words) => {
  const { code, error } = await runWith(args);
  expect(code).toBe(1);
  expect(error).toContain(words);
});

test.each(['check', 'view'])('an error of %s leads to its own help', async (command) => {
  const { error } = await runWith([command, '--unknown']);
  expect(error).toContain(`See npx @open-banking-auth/sandbox ${command} --help`);
});

test('view --help explains it', async () => {
  const { code, out } = await runWith(['view', '--help']);
  expect(code).toBe(0);
  expect(out[0]).toContain('view <file>');
});

test('it prints the URL of a live page, which is there', async () => {
  await runWith([], async (introduction) => {
    const url = find(introduction, /live page +(\S+)/);
    expect((await fetch(`${url}nothing`)).headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});
