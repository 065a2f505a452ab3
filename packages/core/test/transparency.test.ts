import { readFileSync } from 'node:fs';
import { openBankingFetch } from '@open-banking-auth/core';
import { EXEMPTIONS } from '@open-banking-auth/test-kit/transparency/exemptions';
import {
  FETCH_DEFAULT,
  type FetchPlan,
  fetchPlans,
  isFinal,
  prepareFetch,
} from '@open-banking-auth/test-kit/transparency/fetch-requests';
import { describeTransparency } from '@open-banking-auth/test-kit/transparency/suite';
import * as undici from 'undici';

const transports = { global: globalThis.fetch, undici: undici.fetch as unknown as typeof fetch };

const BODY: FetchPlan['body'] = { kind: 'text', text: 'x', ending: 'ends' };

describeTransparency<FetchPlan>({
  name: 'fetch',
  plans: fetchPlans,
  found: {
    'a URL object that is changed while the token is fetched': { ...FETCH_DEFAULT, input: 'URL', change: 'on the way' },
    'an object whose url is changed': { ...FETCH_DEFAULT, input: 'own kind with url', change: 'on the way' },
    'an init that inherits its members': { ...FETCH_DEFAULT, init: 'inherited', method: 'POST', body: BODY },
    'an init of getters': { ...FETCH_DEFAULT, init: 'getters', method: 'POST', body: BODY },
    'the referrer of a Request': {
      ...FETCH_DEFAULT,
      input: 'Request',
      init: 'absent',
      options: { referrer: 'http://api.test/page', referrerPolicy: 'unsafe-url' },
    },
    'null in place of a URL': { ...FETCH_DEFAULT, input: 'null' },
    'the file of a body is missing': {
      ...FETCH_DEFAULT,
      method: 'POST',
      body: { kind: 'missing file', text: '', ending: 'ends' },
    },
    'bytes that are overwritten while the token is fetched': {
      ...FETCH_DEFAULT,
      method: 'POST',
      body: { ...BODY, kind: 'Uint8Array' },
      change: 'on the way',
    },
    'a Request that is used a second time': {
      ...FETCH_DEFAULT,
      input: 'Request',
      method: 'POST',
      body: BODY,
      again: true,
    },
    "the case of headers with undici's own fetch": {
      ...FETCH_DEFAULT,
      transport: 'undici',
      headers: { entries: [['X-BicFi', '1']], form: 'object' },
    },
    "the body of undici's own Request": {
      ...FETCH_DEFAULT,
      transport: 'undici',
      input: 'Request',
      method: 'POST',
      body: BODY,
    },
  },
  isFinal,
  prepare(plan, bench) {
    const fetch = transports[plan.transport];
    return prepareFetch(plan, bench, bench.tokens ? openBankingFetch(bench.tokens, { fetch }) : fetch);
  },
});

test('docs/compatibility.md lists what the suite does not compare, and nothing else', () => {
  const page = readFileSync(`${__dirname}/../../../docs/compatibility.md`, 'utf8');
  const [, section = ''] = page.split('## What cannot be the same\n');
  const rows = [...section.matchAll(/^\| (.+) \| (.+) \|$/gm)].map(([, what, why]) => [what, why]);
  expect(rows.slice(1)).toEqual(Object.entries(EXEMPTIONS));
});
