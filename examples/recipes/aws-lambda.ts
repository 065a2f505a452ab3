// AWS Lambda behind a function URL or an HTTP API. What is outside the handler survives from one invocation to the next, so
// a warm instance has its token. Many instances share one with a store: see docs/fleet.md.
import { openBankingAuth } from '@open-banking-auth/ky';
import ky, { HTTPError } from 'ky';
import { apiUrl, tokens } from './open-banking.js';

const bank = ky.create({ timeout: 10_000 }).extend(openBankingAuth(tokens));

/** The part of APIGatewayProxyEventV2 that this function reads; `@types/aws-lambda` has all of it. */
interface Event {
  readonly queryStringParameters?: { readonly bicFi?: string };
}

export async function handler(event: Event): Promise<{ statusCode: number; body: string }> {
  const { bicFi } = event.queryStringParameters ?? {};
  if (!bicFi) return { statusCode: 400, body: 'Which bank? Give its bicFi' };
  try {
    const body = await bank(`${apiUrl}/psd2/aspspinformation/v1/aspsps/${encodeURIComponent(bicFi)}`).text();
    return { statusCode: 200, body };
  } catch (error) {
    if (!(error instanceof HTTPError)) throw error; // no token, or no response: an error of this function
    return { statusCode: 502, body: `The bank responds with ${error.response.status}` };
  }
}
