import { check } from '../check/check.js';
import type { CheckIo } from '../check/io.js';
import type { SandboxExchange } from '../records/exchange.js';
import { startSandbox } from '../start-sandbox.js';
import { HELP, parseArguments } from './arguments.js';
import { errorLine, introduction, logLine } from './output.js';
import { view } from './view.js';

/** The command line's output, environment and stop signal. */
export interface CommandLineIo extends CheckIo {
  readonly error: (line: string) => void;
}

/**
 * Runs the sandbox until `io.stop` is aborted, or the command `check` or `view`. Resolves with the exit code.
 *
 * @param version - what `--version` prints
 */
export async function run(args: readonly string[], io: CommandLineIo, version = 'unknown'): Promise<number> {
  const [first, ...rest] = args;
  const command = first === 'check' || first === 'view' ? first : undefined;
  try {
    if (command === 'check') return await check(rest, io);
    if (command === 'view') return await view(rest, io);
    const parsed = parseArguments(args);
    if (parsed === 'help' || parsed === 'version') {
      io.out(parsed === 'help' ? HELP : version);
      return 0;
    }
    const onExchange = (exchange: SandboxExchange) => {
      // Requests cut off by shutdown are not logged.
      if (!io.stop.aborted) io.out(logLine(exchange));
    };
    const sandbox = await startSandbox({ ...parsed.options, page: true, onExchange });
    for (const fault of parsed.faults) sandbox.fault(fault);
    io.out(introduction(sandbox));
    await aborted(io.stop);
    await sandbox.close();
    io.out('Stopped.');
    return 0;
  } catch (error) {
    io.error(errorLine(error, command));
    return 1;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
