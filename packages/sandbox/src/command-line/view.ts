import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { EventLog } from '../page/event-log.js';
import { History } from '../page/history.js';
import { servePage } from '../page/page-server.js';
import { COMMAND } from './arguments.js';

const HELP = `Usage: ${COMMAND} view <file>

Shows the library's events in a page on this machine. The file has one of them a line, as JSON, and is followed as it grows. Runs until Ctrl-C.
To write it, with appendFileSync of node:fs and this option in your configuration:

  onEvent: (event) => appendFileSync('events.ndjson', JSON.stringify({ process: process.pid, ...event }) + '\\n')`;

interface ViewIo {
  readonly out: (text: string) => void;
  readonly stop: AbortSignal;
}

/** Serves the page for a log of events until `io.stop` is aborted. Resolves with the exit code. */
export async function view(args: readonly string[], io: ViewIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) {
    io.out(HELP);
    return 0;
  }
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0) throw new Error("'view' needs the name of one file of events");
  const history = new History();
  const log = await openLog(path, history);
  const title = basename(path);
  const page = await servePage({
    history,
    beginning: () => ({ mode: 'log', title, buttons: [] }),
    press: () => false,
  });
  io.out(`${title} is shown at this address, on this machine only. Press Ctrl-C to stop.\n\n  ${page.url}\n`);
  await new Promise((resolve) => {
    if (io.stop.aborted) resolve(undefined);
    else io.stop.addEventListener('abort', resolve, { once: true });
  });
  log.close();
  await page.close();
  io.out('Stopped.');
  return 0;
}

async function openLog(path: string, history: History): Promise<EventLog> {
  try {
    return await EventLog.open(path, history);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error(`There is no file '${path}'`);
    throw new Error(`'${path}' cannot be read (${code ?? error})`);
  }
}
