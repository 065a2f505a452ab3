// Next.js: app/banks/route.ts. A module lives as long as its server process, and with it the token.
import { isOpenBankingAuthError, openBankingFetch } from '@open-banking-auth/core';
import { apiUrl, tokens } from './open-banking.js';

// Not 'edge' in production: the client certificate needs Node.
export const runtime = 'nodejs';
// Runs for each request: not at build time, where there are no credentials, and no fetch of it is cached.
export const dynamic = 'force-dynamic';

const bank = openBankingFetch(tokens);

export async function GET(request: Request): Promise<Response> {
  try {
    const response = await bank(`${apiUrl}/psd2/aspspinformation/v1/aspsps`, { signal: request.signal });
    if (!response.ok) return Response.json({ error: `The bank responds with ${response.status}` }, { status: 502 });
    return Response.json(await response.json());
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    console.error(error.code, error.message); // for the operators: the message says what to do
    return Response.json({ error: 'The connection to the bank is not available' }, { status: 503 });
  }
}
