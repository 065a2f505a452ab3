import { openBankingFetch } from '@open-banking-auth/core';
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
    const equipped = openBankingFetch(config, { fetch });
    const api = formerKy.create({ fetch: equipped, throwHttpErrors: false, retry: 0 });
    return async (url, request) => {
      const response = await api(url, request);
      return { status: response.status, body: await response.text() };
    };
  },
  rejected: 'other side closed',
});
