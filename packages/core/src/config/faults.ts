import { invalidConfig, isOpenBankingAuthError } from '../errors.js';
import { hintFor } from './likely-name.js';
import type { OpenBankingAuthConfig } from './settings.js';

/**
 * Collects what is wrong with a configuration, so that one error names all of it. Options that look unset come first: the
 * environment variables behind them are the usual cause.
 */
export class Faults {
  readonly #config: OpenBankingAuthConfig;
  readonly #unset = new Map<unknown, string>();
  readonly #wrong = new Map<unknown, string>();
  readonly #misnamed = new Set<string>();

  constructor(config: OpenBankingAuthConfig) {
    this.#config = config;
  }

  /** An option that does not exist. If its likely name is known, that one is not reported as missing as well. */
  unknown(option: string, likely: string | undefined): void {
    if (likely !== undefined) this.#misnamed.add(likely);
    this.#wrong.set(invalidConfig(`"${option}" is not an option`, hintFor(likely, 'Remove it')), option);
  }

  /**
   * Parses an option. The result gives the parsed value, or throws the fault: so an option that depends on a faulty one has
   * the same fault, which is reported once.
   */
  read<Option extends keyof OpenBankingAuthConfig, T>(
    option: Option,
    parse: (value: OpenBankingAuthConfig[Option], option: Option) => T,
  ): () => T {
    const value = this.#config[option];
    try {
      const parsed = parse(value, option);
      return () => parsed;
    } catch (fault) {
      if (!isOpenBankingAuthError(fault)) throw fault;
      const known = this.#unset.has(fault) || this.#wrong.has(fault);
      const unset = looksUnset(value);
      if (!known && !(unset && this.#misnamed.has(option))) (unset ? this.#unset : this.#wrong).set(fault, option);
      return () => {
        throw fault;
      };
    }
  }

  /** @throws OpenBankingAuthError `invalid_config`: the only fault, or a list of all. */
  throwIfAny(): void {
    const faults = [...this.#unset, ...this.#wrong];
    const [only] = faults;
    if (only === undefined) return;
    if (faults.length === 1) throw only[0];
    throw invalidConfig(
      `${faults.length} options are missing or wrong: ${faults.map(([, option]) => `"${option}"`).join(', ')}`,
      faults.map(([fault]) => `\n- ${isOpenBankingAuthError(fault) ? fault.message : ''}`).join(''),
    );
  }
}

/** What an environment variable that is not set becomes on its way into an option. */
export function looksUnset(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && ['', 'undefined', 'null'].includes(value.trim());
}
