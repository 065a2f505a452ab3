// A service in a container. The secret is a file that Docker mounts, so it is in no image, no variable and no process list.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { openBankingFetch } from '@open-banking-auth/core';

const apiUrl = process.env.OPEN_BANKING_API_URL ?? 'https://api.sandbox.openbankingplatform.com';
const secretFile = process.env.OPEN_BANKING_CLIENT_SECRET_FILE ?? '/run/secrets/open_banking_client_secret';

const fetch = openBankingFetch({
  environment: 'sandbox',
  tokenUrl: process.env.OPEN_BANKING_TOKEN_URL, // set for a local sandbox only
  apiOrigins: [apiUrl],
  clientId: process.env.OPEN_BANKING_CLIENT_ID,
  // Read for every token request, so a new secret needs no restart. Most editors end a file with a line break.
  clientSecret: async () => (await readFile(secretFile, 'utf8')).trim(),
  scope: 'accountinformation private',
});

const server = createServer(async (_request, response) => {
  try {
    const banks = await fetch(`${apiUrl}/psd2/aspspinformation/v1/aspsps`);
    response.writeHead(banks.status, { 'Content-Type': 'application/json' }).end(await banks.text());
  } catch (error) {
    console.error(String(error));
    response.writeHead(503).end();
  }
});

server.listen(Number(process.env.PORT ?? 8080), () => console.log('Listening:', server.address()));
process.once('SIGTERM', () => server.close()); // sent by `docker stop`
