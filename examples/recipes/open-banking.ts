// What all recipes share: one token source per process. Its variables are in a .env file, which Node reads itself:
//   node --env-file=.env program.js
// `npx @open-banking-auth/sandbox` prints such a file for a local sandbox. For the platform, two lines are enough:
//   OPEN_BANKING_CLIENT_ID=…
//   OPEN_BANKING_CLIENT_SECRET=…
import { createTokenSource } from '@open-banking-auth/core';

export const apiUrl = process.env.OPEN_BANKING_API_URL ?? 'https://api.sandbox.openbankingplatform.com';

export const tokens = createTokenSource({
  environment: 'sandbox',
  tokenUrl: process.env.OPEN_BANKING_TOKEN_URL, // set for a local sandbox only
  apiOrigins: [apiUrl],
  clientId: process.env.OPEN_BANKING_CLIENT_ID,
  clientSecret: process.env.OPEN_BANKING_CLIENT_SECRET,
  scope: process.env.OPEN_BANKING_SCOPE ?? 'accountinformation private',
});
