import { invalidConfig, throwOnRead } from '@open-banking-auth/core/client';
import type { InternalAxiosRequestConfig } from 'axios';

type Interceptor = (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig;

const IT = 'openBankingAuth(config) from "@open-banking-auth/axios"';
const HINT =
  'Give it to an instance, and not from within a function: instance.interceptors.request.use(openBankingAuth(config))';

/**
 * The interceptor, which throws wherever else it is put: elsewhere it would do nothing, and requests would be sent without
 * a token.
 *
 * @throws OpenBankingAuthError `invalid_config` when it is called or read as something other than a request interceptor.
 */
export function onlyAsRequestInterceptor(interceptor: Interceptor): Interceptor {
  const guarded: Interceptor = (config) => {
    const misplaced = misplacedAs(config, guarded);
    if (misplaced !== undefined) throw invalidConfig(`${IT} was ${misplaced}`, HINT);
    return interceptor(config);
  };
  // By axios.create, for what an interceptor returned, and as the option `auth`.
  throwOnRead(guarded, ['adapter', 'cancelToken', 'username'], `${IT} got to axios as a configuration`, HINT);
  return throwOnRead(guarded, ['init', 'beforeRequest'], `${IT} was given to ky as hooks`, FOR_KY);
}

const FOR_KY = 'For ky, import openBankingAuth from "@open-banking-auth/ky": ky.extend(openBankingAuth(config))';

function misplacedAs(argument: unknown, self: unknown): string | undefined {
  const { config, adapter, headers }: Partial<Record<'config' | 'adapter' | 'headers', unknown>> = Object(argument);
  if (config !== undefined) return 'used as a response interceptor';
  if (adapter === self) return 'used as "adapter"';
  // axios' headers are of a class of its own, whichever of its versions and adapters.
  return 'toJSON' in Object(headers)
    ? undefined
    : 'called by something other than axios as a request interceptor, such as ky';
}
