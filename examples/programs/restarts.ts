// One token across restarts, as with `tsx watch`, a command-line program or a cron job: this program starts itself, a few
// times in a row and then several times at once.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openBankingFetch } from '@open-banking-auth/core';
import { fileTokenStore } from '@open-banking-auth/core/node';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';

const given = process.env.RESTARTS_SETTINGS;
await (given === undefined ? startPrograms() : program(JSON.parse(given)));

/** The part to copy: one line beside the configuration. Without `directory` it is the user's cache directory. */
async function program({ config, apiUrl, directory }: Pick<Sandbox, 'config' | 'apiUrl'> & { directory: string }) {
  const fetch = openBankingFetch({
    ...config,
    store: fileTokenStore({ directory }),
    onEvent({ type }) {
      if (type === 'token.received' || type === 'token.adopted' || type === 'store.failed') console.log(type);
    },
  });
  await fetch(`${apiUrl}/psd2/aspspinformation/v1/aspsps`);
}

async function startPrograms() {
  const { config, apiUrl, stats, close } = await startSandbox(); // stands in for the platform
  const directory = mkdtempSync(join(tmpdir(), 'restarts-'));
  const env = { ...process.env, RESTARTS_SETTINGS: JSON.stringify({ config, apiUrl, directory }) };
  const start = async (name: string) => {
    const { stdout } = await promisify(execFile)(process.execPath, [process.argv[1] ?? ''], { env });
    console.log(name, stdout.trim());
  };

  await start('first');
  await start('second');
  await Promise.all(Array.from({ length: 5 }, () => start('another')));
  console.log(`7 starts. Tokens in total: ${stats().tokensIssued}`);

  rmSync(directory, { recursive: true });
  await close();
}
