// One transfer, and the most memory held during it. Prints its figures as JSON.

import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { contenders } from '../contenders/index.mjs';
import { requestToken } from '../contenders/token-request.mjs';

const { name, direction, address, megabytes } = JSON.parse(process.argv[2]);
const bytes = megabytes * 1_000_000;
const chunk = 64 * 1_024;
const contender = contenders.find((one) => one.name === name);
const { token } = await requestToken(address);
const calls = await contender.open({ address, stub: false, token });
const place = contender.part === 'bare' ? `${address.apiUrl}/open` : address.apiUrl;
await calls.get(`${place}/psd2/aspspinformation/v1/aspsps`);

let peakHeld = 0;
let peakResident = 0;
let sampledAt = 0;
/** Collects garbage first, with 20 ms in between, to measure only memory that is really held. */
function sample() {
  if (performance.now() - sampledAt < 20) return;
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  peakHeld = Math.max(peakHeld, heapUsed + external);
  peakResident = Math.max(peakResident, rss);
  // After the collection, which on a busy machine takes longer than that.
  sampledAt = performance.now();
}

/** Arrives in chunks, spread over several turns of the event loop, like data read from a disk. */
async function* chunks() {
  for (let left = bytes; left > 0; left -= chunk) {
    sample();
    await nextTurn();
    yield new Uint8Array(Math.min(chunk, left));
  }
}

globalThis.gc();
const before = process.memoryUsage();
const timer = setInterval(sample, 5);
const upload = direction === 'upload';
const body = ['axios', 'azure', 'gaxios', 'undici'].includes(contender.client)
  ? Readable.from(chunks())
  : ReadableStream.from(chunks());
const status = upload
  ? await calls.upload(`${place}/upload/${bytes}`, body)
  : await calls.download(`${place}/download/${bytes}`);
clearInterval(timer);
if (status !== 200) throw new Error(`Error: the status is ${status}`);
process.stdout.write(
  JSON.stringify({
    heldMB: (peakHeld - before.heapUsed - before.external) / 1e6,
    residentMB: (peakResident - before.rss) / 1e6,
  }),
);
process.exit();
