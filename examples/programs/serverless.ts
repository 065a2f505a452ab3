// A serverless function. What is made outside the handler lives as long as its process; a new process in the same, warm
// environment finds the token in the directory for temporary files, the only one such functions may write to.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBankingFetch } from '@open-banking-auth/core';
import { fileTokenStore } from '@open-banking-auth/core/node';
import { startSandbox } from '@open-banking-auth/sandbox';

const sandbox = await startSandbox(); // stands in for the platform
const temporary = mkdtempSync(join(tmpdir(), 'warm-')); // stands in for /tmp

/** The module of the function, as a new process loads it. */
function load() {
  const store = fileTokenStore({ directory: join(temporary, 'open-banking-auth') });
  const fetch = openBankingFetch({ ...sandbox.config, store });
  return {
    async handler() {
      const response = await fetch(`${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`);
      return { statusCode: response.status };
    },
  };
}

const cold = load();
console.log('cold', await cold.handler(), await cold.handler());
const warm = load();
console.log('warm', await warm.handler());
console.log(`Tokens in total: ${sandbox.stats().tokensIssued}`);
rmSync(temporary, { recursive: true });
await sandbox.close();
