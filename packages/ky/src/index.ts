export { type OpenBankingContext, openBankingAuth } from './hooks.js';
