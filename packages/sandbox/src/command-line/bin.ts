import { run } from './run.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const io = { out: console.log, error: console.error, stop: stop.signal, variables: process.env };
void run(process.argv.slice(2), io).then((code) => {
  process.exitCode = code;
});
