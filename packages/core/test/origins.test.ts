import { openBankingFetch } from '@open-banking-auth/core';
import { arrivingFetch, describeOrigins } from '@open-banking-auth/test-kit/origins-suite';

describeOrigins({
  name: 'fetch',
  over: (source, arrived) => openBankingFetch(source, { fetch: arrivingFetch(arrived) }),
});
