import { openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth } from '@open-banking-auth/ky';
import { arrivingFetch, describeOrigins } from '@open-banking-auth/test-kit/origins-suite';
import { describeRedirects } from '@open-banking-auth/test-kit/redirects-suite';
import ky, { type Options } from 'ky';
import formerKy from 'ky1';

for (const [name, options] of [
  ['ky 2', {}],
  ['ky 2, with the API as prefix', { prefix: 'http://api.localhost:8080/psd2' }],
  ['ky 2, with the API as baseUrl', { baseUrl: 'http://api.localhost:8080/psd2/' }],
] satisfies [string, Options][]) {
  describeOrigins({
    name,
    based: 'prefix' in options || 'baseUrl' in options,
    over(source, arrived) {
      const api = ky.create({ fetch: arrivingFetch(arrived), retry: 0, ...options }).extend(openBankingAuth(source));
      return (url) => api(url);
    },
  });
}

for (const options of [{}, { prefixUrl: 'http://api.localhost:8080/psd2' }]) {
  describeOrigins({
    name: 'prefixUrl' in options ? 'ky 1.14, with the API as prefixUrl' : 'ky 1.14',
    based: 'prefixUrl' in options,
    over(source, arrived) {
      const hooks: object = openBankingAuth(source);
      const api = formerKy.create({ fetch: arrivingFetch(arrived), retry: 0, ...options }).extend(hooks);
      return (url) => api(url);
    },
  });
}

describeOrigins({
  name: 'ky 1.14 by its fetch option',
  over(source, arrived) {
    const api = formerKy.create({ fetch: openBankingFetch(source, { fetch: arrivingFetch(arrived) }), retry: 0 });
    return (url) => api(url);
  },
});

for (const [name, any] of [
  ['ky 2', ky],
  ['ky 1.14', formerKy as unknown as typeof ky],
] as const) {
  describeRedirects({
    name,
    over(source) {
      const api = any.create({ retry: 0 }).extend(openBankingAuth(source));
      return (url, body) => api(url, body === undefined ? {} : { method: 'POST', body });
    },
  });
}
