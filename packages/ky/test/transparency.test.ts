import { openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth } from '@open-banking-auth/ky';
import { isStream } from '@open-banking-auth/test-kit/transparency/body-plan';
import { KY_DEFAULT, type KyPlan, kyPlans, prepareKy } from '@open-banking-auth/test-kit/transparency/ky-requests';
import { describeTransparency } from '@open-banking-auth/test-kit/transparency/suite';
import ky from 'ky';
import formerKy from 'ky1';

// An extended ky has its options in another order.
const noHooks = { hooks: { init: [() => {}], beforeRequest: [() => {}] } };
const found: Record<string, KyPlan> = {
  'the file of a body is missing': {
    ...KY_DEFAULT,
    method: 'post',
    body: { kind: 'missing file', text: '', ending: 'ends' },
  },
  progress: {
    ...KY_DEFAULT,
    method: 'post',
    body: { kind: 'text', text: 'a long one. '.repeat(500), ending: 'ends' },
    functions: ['onDownloadProgress', 'onUploadProgress'],
  },
  'a referrer': { ...KY_DEFAULT, options: { referrer: 'http://api.test/page' } },
};

describeTransparency<KyPlan>({
  name: 'ky 2',
  plans: kyPlans,
  found,
  isFinal: ({ body, input }) => isStream(body) && input !== 'Request',
  prepare: (plan, bench) =>
    prepareKy(plan, bench, ky.extend(bench.tokens ? openBankingAuth(bench.tokens) : noHooks), 'prefix'),
});

describeTransparency<KyPlan>({
  name: 'ky 1.14',
  plans: kyPlans,
  found,
  // ky hands over a `Request`, whose stream is copied.
  isFinal: () => false,
  prepare: (plan, bench) =>
    prepareKy(
      plan,
      bench,
      formerKy.extend({ fetch: bench.tokens ? openBankingFetch(bench.tokens) : globalThis.fetch }),
      'prefixUrl',
    ),
});
