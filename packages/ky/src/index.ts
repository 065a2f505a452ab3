export { openBankingAuth } from './hooks.js';
export type { OpenBankingContext } from './request-context.js';
