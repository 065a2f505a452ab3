// For runtimes that take a file: node, bun, deno.
import { doMainJob } from './job.mjs';

const outcomes = await doMainJob(process.argv[2]);
console.log(JSON.stringify(outcomes));
