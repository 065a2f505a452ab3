import { openBankingFetch } from '@open-banking-auth/core';
import { describeClient } from '@open-banking-auth/test-kit/client-suite';

describeClient({
  name: 'fetch',
  over(source) {
    const fetch = openBankingFetch(source);
    return async (url, request) => {
      const response = await fetch(url, request);
      return { status: response.status, body: await response.text() };
    };
  },
  overStream(source) {
    const fetch = openBankingFetch(source);
    return async (url, bytes) => {
      const body = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
      const response = await fetch(url, { method: 'POST', body, duplex: 'half' });
      await response.text();
      return response;
    };
  },
  abortError: 'AbortError',
});
