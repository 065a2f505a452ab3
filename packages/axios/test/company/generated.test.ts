import { mkdtempSync, rmSync } from 'node:fs';
import { openBankingAuth } from '@open-banking-auth/axios';
import { sandbox, sandboxForEachTest } from '@open-banking-auth/test-kit/sandbox-for-each-test';
import axios from 'axios';
import { generate } from 'openapi-typescript-codegen';

const spec = {
  openapi: '3.0.0',
  info: { title: 'Banks', version: '1' },
  paths: {
    '/psd2/aspspinformation/v1/aspsps': {
      get: {
        operationId: 'listBanks',
        tags: ['Banks'],
        parameters: [{ name: 'X-BicFi', in: 'header', schema: { type: 'string' } }],
        responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'object' } } } } },
      },
    },
  },
};

sandboxForEachTest();
let folder: string;
beforeAll(async () => {
  // In this package, from where the generated code finds its axios.
  folder = mkdtempSync(`${__dirname}/generated-`);
  await generate({ input: spec, output: folder, httpClient: 'axios' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a client generated from OpenAPI, which calls the global axios, has the token, and is sent again after a 401', async () => {
  const { OpenAPI, BanksService } = await import(`${folder}/index.ts`);
  OpenAPI.BASE = sandbox.apiUrl;
  const id = axios.interceptors.request.use(openBankingAuth(sandbox.config));
  try {
    expect(await BanksService.listBanks('TESTSESS')).toHaveProperty('aspsps');
    sandbox.revokeTokens();
    expect(await BanksService.listBanks('TESTSESS')).toHaveProperty('aspsps');
    expect(sandbox.requests.map(({ headers }) => headers['x-bicfi'])).toEqual(Array(3).fill('TESTSESS'));
    expect(sandbox.stats()).toMatchObject({ tokenRequests: 2, apiRequests: 3 });
  } finally {
    axios.interceptors.request.eject(id);
  }
});
