import { run } from './command-line.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
void run(process.argv.slice(2), { out: console.log, error: console.error, stop: stop.signal }).then((code) => {
  process.exitCode = code;
});
