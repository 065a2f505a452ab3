// A command line: banks.js [text] lists the banks whose names contain the text.
import { isOpenBankingAuthError, openBankingFetch } from '@open-banking-auth/core';
import { apiUrl, tokens } from './open-banking.js';

const fetch = openBankingFetch(tokens);
const [wanted = ''] = process.argv.slice(2);

try {
  const response = await fetch(`${apiUrl}/psd2/aspspinformation/v1/aspsps`, { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Error(`The API responds with ${response.status}`);
  const { aspsps } = (await response.json()) as { aspsps: { bicFi: string; name: string }[] };
  for (const { bicFi, name } of aspsps) if (name.includes(wanted)) console.log(bicFi, name);
} catch (error) {
  console.error(isOpenBankingAuthError(error) ? `${error.message} (${error.code})` : String(error));
  process.exitCode = 1; // and not process.exit(), which could cut off what has been printed
}
