// A service of your own: one token source per process, distinct errors, and no trace of the token in responses or logs.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openBankingAuth } from '@open-banking-auth/axios';
import { createTokenSource, isOpenBankingAuthError } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';
import axios, { isAxiosError } from 'axios';
import express, { type NextFunction, type Request, type Response } from 'express';

const sandbox = await startSandbox(); // stands in for the platform

const tokens = createTokenSource(sandbox.config);
const bank = axios.create({ baseURL: sandbox.apiUrl, timeout: 10_000 });
bank.interceptors.request.use(openBankingAuth(tokens));

const app = express();

app.get('/banks', async (_request, response) => {
  const { data } = await bank.get('/psd2/aspspinformation/v1/aspsps');
  response.json(data.aspsps);
});

app.get('/accounts', async (request, response) => {
  const { data } = await bank.get('/psd2/accountinformation/v1/accounts', {
    headers: { 'Consent-ID': request.get('Consent-ID') ?? '' },
  });
  response.json(data.accounts);
});

// Express recognises an error handler by its four parameters.
app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  if (isOpenBankingAuthError(error)) {
    console.error(error.code, error.message); // for the operators: the message says what to do
    response.status(503).json({ error: 'The connection to the bank is not available' });
  } else if (isAxiosError(error) && error.response?.status === 401) {
    response.status(403).json({ error: 'Please give your consent again' });
  } else {
    console.error(String(error));
    response.status(502).json({ error: 'The bank does not respond' });
  }
});

const server = await new Promise<Server>((resolve) => {
  const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
});
const { port } = server.address() as AddressInfo;

// First everything works, then things go wrong.
async function show(path: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'Consent-ID': 'a-consent' } });
  console.log(path, response.status, (await response.text()).slice(0, 60));
}

await show('/banks');
sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED', path: '/psd2/accountinformation', times: 1 });
await show('/accounts');
tokens.clear();
sandbox.fault({ at: 'token', kind: 'wrong-secret' });
await show('/banks');

server.close();
await sandbox.close();
