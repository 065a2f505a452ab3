import { openBankingFetch } from '@open-banking-auth/core';
import { arrivingFetch, describeOrigins } from './origins-suite.js';

describeOrigins({
  name: 'fetch',
  over: (source, arrived) => openBankingFetch(source, { fetch: arrivingFetch(arrived) }),
});
