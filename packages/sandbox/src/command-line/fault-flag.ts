import { assertFault } from '../faults/assert-fault.js';
import type { SandboxFault } from '../faults/fault.js';
import { SANDBOX_HOSTS } from '../hosts/host.js';
import { suggestion } from './suggestion.js';

const TARGET_OPTIONS = ['times', 'path'];

/** The options of each kind that the flag supports, the required ones first. */
const OPTIONS_BY_KIND: Readonly<
  Record<SandboxFault['kind'], readonly [required: readonly string[], optional: readonly string[]]>
> = {
  slow: [['delayMs'], ['jitterMs']],
  hang: [[], []],
  reset: [[], []],
  status: [['status'], ['body']],
  html: [[], ['status']],
  empty: [[], ['status']],
  body: [['body'], ['contentType', 'status']],
  unauthorized: [[], ['code', 'shape']],
  redirect: [['location'], ['status']],
  'wrong-secret': [[], ['status']],
};

const NUMERIC_OPTIONS = ['times', 'status', 'delayMs', 'jitterMs'];

/**
 * Parses `api:unauthorized,code=CONSENT_EXPIRED,times=3`. A comma separates options only if a name and `=` follow, so
 * a body may contain commas.
 *
 * @throws Error that quotes the flag and says what is wrong with it
 */
export function parseFaultFlag(flag: string): SandboxFault {
  const invalid = (reason: string) => new Error(`--fault '${flag}': ${reason}`);
  const [target = '', ...settings] = flag.split(/,(?=\w+=)/);
  const { at, kind } = /^(?<at>\w+):(?<kind>[\w-]+)$/.exec(target)?.groups ?? {};
  const kinds = Object.keys(OPTIONS_BY_KIND);
  if (at === undefined || kind === undefined) throw invalid('it must begin with a host and a kind, such as api:hang');
  const hosts: readonly string[] = SANDBOX_HOSTS;
  if (!hosts.includes(at))
    throw invalid(`the host must be one of ${hosts.join(', ')}, got '${at}'.${suggestion(at, hosts)}`);
  if (!isKind(kind))
    throw invalid(`the kind must be one of ${kinds.join(', ')}, got '${kind}'.${suggestion(kind, kinds)}`);
  const [required, optional] = OPTIONS_BY_KIND[kind];
  const fault: Record<string, string | number> = { at, kind };
  for (const setting of settings) {
    const [name = '', ...value] = setting.split('=');
    const known = [...required, ...optional, ...TARGET_OPTIONS];
    if (!known.includes(name))
      throw invalid(`'${name}' is not an option of ${kind}, which has ${known.join(', ')}.${suggestion(name, known)}`);
    fault[name] = NUMERIC_OPTIONS.includes(name) ? Number(value.join('=')) : value.join('=');
  }
  const missing = required.filter((name) => fault[name] === undefined);
  if (missing.length > 0) throw invalid(`${missing.join(' and ')} is missing`);
  const parsed = fault as unknown as SandboxFault;
  try {
    // Checks what has not been checked here: the ranges, and the hosts of a kind.
    assertFault(parsed);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  return parsed;
}

function isKind(kind: string): kind is SandboxFault['kind'] {
  return Object.hasOwn(OPTIONS_BY_KIND, kind);
}
