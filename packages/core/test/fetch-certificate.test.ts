import { openBankingFetch } from '@open-banking-auth/core';
import { describeCertificate } from '@open-banking-auth/test-kit/certificate-suite';

describeCertificate({
  name: 'openBankingFetch',
  over(config, { fetch }) {
    const send = openBankingFetch(config, { fetch });
    return async (url, request) => {
      const response = await send(url, request);
      return { status: response.status, body: await response.text() };
    };
  },
  rejected: 'other side closed',
});

describeCertificate({
  name: 'openBankingFetch given a Request',
  over(config, { fetch }) {
    const send = openBankingFetch(config, { fetch });
    return async (url, request) => {
      const response = await send(new Request(url, request));
      return { status: response.status, body: await response.text() };
    };
  },
  rejected: 'other side closed',
});
