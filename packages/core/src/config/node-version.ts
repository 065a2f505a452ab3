import { invalidConfig } from '../errors.js';

/** The oldest Node that the packages accept. Other runtimes report the version of Node that they imitate. */
const OLDEST = [20, 19] as const;

/** @throws OpenBankingAuthError `invalid_config` on a Node that lacks what this library uses. */
export function assertNodeVersion(): void {
  const { process } = globalThis as { process?: { readonly versions?: { readonly node?: unknown } } };
  const version = process?.versions?.node;
  if (typeof version !== 'string') return;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw invalidConfig(
    `This is Node ${version}, and open-banking-auth needs Node ${OLDEST.join('.')} or newer`,
    'Update Node',
  );
}
