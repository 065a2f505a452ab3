// For runtimes that run a file: Node.js, Bun and Deno.
import { doMainJob } from './job.mjs';

const outcomes = await doMainJob(process.argv[2]);
console.log(JSON.stringify(outcomes));
