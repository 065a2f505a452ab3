import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileTokenStore } from '@open-banking-auth/core/node';
import { storeContract } from '@open-banking-auth/core/store-contract';

describe('the file store', () => {
  const directory = mkdtempSync(join(tmpdir(), 'file-store-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  for (const { name, run } of storeContract(() => fileTokenStore({ directory }))) test(name, run);
});
