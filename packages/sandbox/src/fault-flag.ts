import { readFault, type SandboxFault } from './fault.js';

const everywhere = ['times', 'path'];

/** The options of each kind that a flag can give, those that it must give first. */
const optionsOfKinds: Readonly<
  Record<SandboxFault['kind'], readonly [must: readonly string[], may: readonly string[]]>
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

const numbers = ['times', 'status', 'delayMs', 'jitterMs'];

/**
 * Reads `api:unauthorized,code=CONSENT_EXPIRED,times=3`. A comma separates only where a name and `=` follow, so that a
 * body may have some.
 *
 * @throws Error that quotes the flag and says what is wrong with it.
 */
export function readFaultFlag(flag: string): SandboxFault {
  const refuse = (why: string) => new Error(`--fault '${flag}': ${why}`);
  const [target = '', ...settings] = flag.split(/,(?=\w+=)/);
  const { at, kind } = /^(?<at>\w+):(?<kind>[\w-]+)$/.exec(target)?.groups ?? {};
  const kinds = Object.keys(optionsOfKinds);
  if (at === undefined || kind === undefined) throw refuse('it must begin with a host and a kind, such as api:hang');
  if (!isKind(kind)) throw refuse(`the kind must be one of ${kinds.join(', ')}`);
  const [must, may] = optionsOfKinds[kind];
  const fault: Record<string, string | number> = { at, kind };
  for (const setting of settings) {
    const [name = '', ...value] = setting.split('=');
    const known = [...must, ...may, ...everywhere];
    if (!known.includes(name)) throw refuse(`'${name}' is no option of ${kind}, which has ${known.join(', ')}`);
    fault[name] = numbers.includes(name) ? Number(value.join('=')) : value.join('=');
  }
  const missing = must.filter((name) => fault[name] === undefined);
  if (missing.length > 0) throw refuse(`${missing.join(' and ')} is missing`);
  try {
    // Host and ranges are judged there.
    return readFault(fault as unknown as SandboxFault);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

function isKind(kind: string): kind is SandboxFault['kind'] {
  return Object.hasOwn(optionsOfKinds, kind);
}
