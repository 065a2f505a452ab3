import { throwOnRead } from '@open-banking-auth/core/client';

/**
 * The options, which throw when they are read in a place where they would be ignored, and requests sent without a token.
 *
 * @throws OpenBankingAuthError `invalid_config` when ky reads them as hooks, or axios as a configuration.
 */
export function onlyForExtend<T extends object>(options: T): T {
  const it = 'openBankingAuth(config) from "@open-banking-auth/ky"';
  throwOnRead(
    options,
    ['init', 'beforeRequest'],
    `${it} was given to ky as "hooks", which it contains`,
    'Give it to ky itself: ky.extend(openBankingAuth(config))',
  );
  return throwOnRead(
    options,
    ['adapter'],
    `${it} was given to axios`,
    'For axios, import it from "@open-banking-auth/axios": axios.interceptors.request.use(openBankingAuth(config))',
  );
}
