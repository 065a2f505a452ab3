import './request-config.js';

export { openBankingAuth } from './interceptor.js';
