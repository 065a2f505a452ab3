// Many processes, one token: two of them here, each with its own connection to Redis.
// REDIS_URL is the server's address; the default is a Redis on this machine.
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { redisTokenStore } from '@open-banking-auth/redis';
import { startSandbox } from '@open-banking-auth/sandbox';
import { createClient } from 'redis';

const sandbox = await startSandbox(); // stands in for the platform
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;

async function connect(name: string) {
  const client = createClient({ url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' });
  client.on('error', (error: Error) => console.error('Redis:', error.message));
  await client.connect();
  const tokens = createTokenSource({
    ...sandbox.config,
    store: redisTokenStore({ client }),
    onEvent({ type }) {
      if (type === 'token.received' || type === 'token.adopted' || type === 'store.failed') console.log(name, type);
    },
  });
  return { fetch: openBankingFetch(tokens), end: () => client.close() };
}

const one = await connect('one');
const other = await connect('other');
await one.fetch(banks);
await other.fetch(banks);
console.log(`Tokens in total: ${sandbox.stats().tokensIssued}`);

sandbox.revokeTokens();
await other.fetch(banks); // renews it for both
await one.fetch(banks);
console.log(`After a revocation: ${sandbox.stats().tokensIssued}`);

await one.end();
await other.end();
await sandbox.close();
