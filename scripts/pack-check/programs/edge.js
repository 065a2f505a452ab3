import { isOpenBankingAuthError, openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth } from '@open-banking-auth/ky';
import ky from 'ky';

/** Two calls, with `send` in place of the network. */
export async function calls(send) {
  const config = {
    environment: 'sandbox',
    clientId: 'invented-id',
    clientSecret: 'invented-secret',
    scope: 'accountinformation private',
    fetch: send,
  };
  const banks = 'https://api.sandbox.openbankingplatform.com/psd2/aspspinformation/v1/aspsps';
  const answers = [await openBankingFetch(config, { fetch: send })(banks)];
  answers.push(await ky.create({ fetch: send }).extend(openBankingAuth(config))(banks));
  const refused = await openBankingFetch(
    { ...config, clientId: 'nobody' },
    { fetch: send },
  )(banks).catch((error) => error);
  return { statuses: answers.map(({ status }) => status), refused: isOpenBankingAuthError(refused) && refused.code };
}
