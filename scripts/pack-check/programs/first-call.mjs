// A first call with what an `npm install` line has installed: its words are the arguments.
import assert from 'node:assert/strict';
import { startSandbox } from '@open-banking-auth/sandbox';

const words = process.argv.slice(2);
const sandbox = await startSandbox();
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;

const calls = {
  async '@open-banking-auth/axios'() {
    const { openBankingAuth } = await import('@open-banking-auth/axios');
    const { default: axios } = await import('axios');
    axios.interceptors.request.use(openBankingAuth(sandbox.config));
    return (await axios.get(banks)).status;
  },
  async '@open-banking-auth/ky'() {
    const { openBankingAuth } = await import('@open-banking-auth/ky');
    const { default: ky } = await import('ky');
    return (await ky.extend(openBankingAuth(sandbox.config))(banks)).status;
  },
  async '@open-banking-auth/core'() {
    const { openBankingFetch } = await import('@open-banking-auth/core');
    return (await openBankingFetch(sandbox.config)(banks)).status;
  },
  async '@open-banking-auth/redis'() {
    const { redisTokenStore } = await import('@open-banking-auth/redis');
    const redis = await import(words.includes('ioredis') ? 'ioredis' : 'redis');
    const client = redis.createClient?.() ?? new redis.Redis({ lazyConnect: true });
    return redisTokenStore({ client }) && 200;
  },
  async 'undici@7'() {
    const { openBankingFetch } = await import('@open-banking-auth/core');
    const { clientCertificate } = await import('@open-banking-auth/core/node');
    const demanding = await startSandbox({ clientCertificate: true });
    const { pfx, passphrase, ca } = demanding.clientCertificate;
    const certificate = clientCertificate({ pfx, passphrase, ca });
    const fetch = openBankingFetch(demanding.config, { fetch: certificate.fetch });
    const { status } = await fetch(`${demanding.apiUrl}/psd2/aspspinformation/v1/aspsps`);
    await demanding.close();
    return status;
  },
};
// What is installed beside the packages, and the local sandbox, which is at work in all calls.
const silent = ['axios', 'ky', 'redis', 'ioredis', '@open-banking-auth/sandbox'];

for (const word of words.filter((word) => !silent.includes(word))) {
  const call = word.endsWith('/*.tgz') ? calls['@open-banking-auth/axios'] : calls[word];
  assert(call, `There is no first call for ${word}: add one to first-call.mjs`);
  assert.equal(await call(), 200, word);
}
const { openBankingFetch } = await import('@open-banking-auth/core');
assert.equal((await openBankingFetch(sandbox.config)(banks)).status, 200);
await sandbox.close();
