// ky's types, for this package and augmented for its users. ky is an ES module, so this file is one in the CommonJS build
// too: from there, neither would be possible.
import type { OpenBankingContext } from './hooks.js';

export type { Hooks, Options } from 'ky';

declare module 'ky' {
  interface Options {
    /** Data for hooks; `openBanking` in it is for `openBankingAuth`. */
    context?: OpenBankingContext & Record<string, unknown>;
  }
}
