// Next.js: app/banks/route.ts. A module lives as long as its server process, and with it the token. Several routes share
// one from a module of their own. Next.js reads .env itself.
import { isOpenBankingAuthError, type OpenBankingFetch, openBankingFetch } from '@open-banking-auth/core';

// Not 'edge' in production: the client certificate needs Node.
export const runtime = 'nodejs';
// Runs for each request, and no fetch of it is cached.
export const dynamic = 'force-dynamic';

const apiUrl = process.env.OPEN_BANKING_API_URL ?? 'https://api.sandbox.openbankingplatform.com';

let client: OpenBankingFetch | undefined;

// Called for the first request: `next build` loads this module too, where there are no credentials.
function createClient(): OpenBankingFetch {
  return openBankingFetch({
    environment: 'sandbox',
    tokenUrl: process.env.OPEN_BANKING_TOKEN_URL, // set for a local sandbox only
    apiOrigins: [apiUrl],
    clientId: process.env.OPEN_BANKING_CLIENT_ID,
    clientSecret: process.env.OPEN_BANKING_CLIENT_SECRET,
    scope: process.env.OPEN_BANKING_SCOPE ?? 'accountinformation private',
  });
}

export async function GET(request: Request): Promise<Response> {
  try {
    client ??= createClient();
    const response = await client(`${apiUrl}/psd2/aspspinformation/v1/aspsps`, { signal: request.signal });
    if (!response.ok) return Response.json({ error: `The bank responds with ${response.status}` }, { status: 502 });
    return Response.json(await response.json());
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    console.error(error.code, error.message); // for the operators: the message says what to do
    return Response.json({ error: 'The connection to the bank is not available' }, { status: 503 });
  }
}
