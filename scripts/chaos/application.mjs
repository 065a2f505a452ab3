// A process of an application: a token source, and a stream of requests to the API. It is bundled and forked by fleet.mjs,
// and reports each request and each event over IPC.
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { redisTokenStore } from '@open-banking-auth/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

const PATHS = ['accounts', 'balances', 'transactions', 'consents', 'payments'];

const { name, client, storeUrl, tokenUrl, apiUrl, refreshAhead, everyMs } = JSON.parse(process.argv[2]);

const report = (what) => process.connected && process.send(what);
process.once('disconnect', () => process.exit());
process.on('unhandledRejection', (error) => report({ type: 'unhandled', error: String(error) }));
process.on('uncaughtException', (error) => report({ type: 'unhandled', error: String(error?.stack) }));

function redisClient() {
  if (client === 'ioredis') return new Redis(storeUrl).on('error', () => {});
  const redis = createClient({ url: storeUrl }).on('error', () => {});
  // Not awaited: a process that starts in an outage does its work all the same.
  redis.connect().catch(() => {});
  return redis;
}

const fetch = openBankingFetch(
  createTokenSource({
    tokenUrl,
    apiOrigins: [apiUrl],
    clientId: 'chaos',
    clientSecret: 'a secret for chaos',
    scope: 'accountinformation private',
    refreshAhead,
    ...(storeUrl && { store: redisTokenStore({ client: redisClient() }) }),
    onEvent: (event) => report({ type: 'event', at: Date.now(), event }),
  }),
);

let requests = 0;
const pending = new Set();

async function request() {
  const number = ++requests;
  const id = `${name}#${number}`;
  const url = `${apiUrl}/${PATHS[number % PATHS.length]}`;
  const sentAt = Date.now();
  let outcome = '';
  try {
    const response = await fetch(url, { headers: { 'x-chaos-request': id } });
    await response.arrayBuffer();
    outcome = `HTTP ${response.status}`;
  } catch (error) {
    outcome = `${error?.code ?? error?.name}: ${error?.message}${error?.cause ? ` (${error.cause.message})` : ''}`;
  }
  report({ type: 'request', id, url, sentAt, endedAt: Date.now(), outcome });
}

const timer = setInterval(() => {
  const sent = request().finally(() => pending.delete(sent));
  pending.add(sent);
}, everyMs);

process.on('message', async () => {
  clearInterval(timer);
  await Promise.all(pending);
  process.send({ type: 'finished' }, () => process.disconnect());
});
