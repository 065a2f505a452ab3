import { run } from './run.js';
import { wrap } from './wrap.js';

/** Runs the command line in this process. */
export function main(version: string): void {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const io = {
    out: (text: string) => console.log(wrap(text, process.stdout.columns)),
    error: (text: string) => console.error(wrap(text, process.stderr.columns)),
    stop: stop.signal,
    variables: process.env,
  };
  void run(process.argv.slice(2), io, version).then((code) => {
    process.exitCode = code;
  });
}
