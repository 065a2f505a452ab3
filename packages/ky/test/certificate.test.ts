import { openBankingAuth } from '@open-banking-auth/ky';
import { describeCertificate } from '@open-banking-auth/test-kit/certificate-suite';
import ky from 'ky';
import formerKy from 'ky1';

describeCertificate({
  name: 'ky 2',
  over(config, { fetch }) {
    const api = ky.create({ fetch, throwHttpErrors: false, retry: 0 }).extend(openBankingAuth(config));
    return async (url, request) => {
      const response = await api(url, request);
      return { status: response.status, body: await response.text() };
    };
  },
  rejected: 'other side closed',
});

describeCertificate({
  name: 'ky 1.14',
  over(config, { fetch }) {
    const hooks: object = openBankingAuth(config);
    const api = formerKy.create({ fetch, throwHttpErrors: false, retry: 0 }).extend(hooks);
    return async (url, request) => {
      const response = await api(url, request);
      return { status: response.status, body: await response.text() };
    };
  },
  rejected: 'other side closed',
});
