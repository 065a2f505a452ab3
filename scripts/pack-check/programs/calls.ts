import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { type AccessToken, createTokenSource, isOpenBankingAuthError, openBankingFetch } from '@open-banking-auth/core';
import { bearerAuthOf } from '@open-banking-auth/core/client';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import axios from 'axios';
import ky from 'ky';

export async function calls(): Promise<number> {
  const sandbox: Sandbox = await startSandbox();
  const tokens = createTokenSource(sandbox.config);
  const token: AccessToken = await tokens.get({ context: 'corporate' });
  axios.interceptors.request.use(axiosAuth(tokens));
  await axios.get('/', { openBanking: { context: 'corporate' } });
  // @ts-expect-error There is no such context.
  await axios.get('/', { openBanking: { context: 'public' } });
  await ky.extend(kyAuth(tokens))('/', { context: { openBanking: false } });
  await openBankingFetch(tokens)('/', { openBanking: false });
  // @ts-expect-error A configuration needs a scope.
  openBankingFetch({ environment: 'sandbox', clientId: '', clientSecret: '' });
  bearerAuthOf(tokens);
  try {
    await tokens.renew(token);
  } catch (error) {
    if (isOpenBankingAuthError(error) && error.code === 'invalid_client') return error.status ?? 0;
  }
  return token.expiresAt.getTime();
}
