// A program that makes one request with a store. Prints what it took since the process started, as JSON.
import { configOf } from '../contenders/ours.mjs';

const { kind, place, address, url } = JSON.parse(process.argv[2]);
const { openBankingFetch } = await import('@open-banking-auth/core');
const { store, close } = await open();
const response = await openBankingFetch({ ...configOf(address), store })(url);
await response.text();
const ms = performance.now();
const { user, system } = process.cpuUsage();
if (response.status !== 200) throw new Error(`The status is ${response.status}`);
process.stdout.write(JSON.stringify({ ms, cpuMs: (user + system) / 1_000 }));
// The token is written to the store after it is handed out.
await new Promise((resolve) => setTimeout(resolve, 100));
await close();
process.exit();

async function open() {
  if (kind === 'file') {
    const { fileTokenStore } = await import('@open-banking-auth/core/node');
    return { store: fileTokenStore({ directory: place }), close() {} };
  }
  if (kind === 'redis') {
    const { createClient } = await import('redis');
    const { redisTokenStore } = await import('@open-banking-auth/redis');
    const client = await createClient({ url: place }).connect();
    return { store: redisTokenStore({ client }), close: () => client.close() };
  }
  return { store: undefined, close() {} };
}
