import { openBankingAuth } from '@open-banking-auth/axios';
import { describeOthersErrors } from '@open-banking-auth/test-kit/others-errors-suite';
import axios from 'axios';

describeOthersErrors({
  name: 'axios, http adapter',
  over(source, agents) {
    const api = axios.create({ adapter: 'http', ...agents });
    api.interceptors.request.use(openBankingAuth(source));
    return (url, signal) => api.get(url, { signal });
  },
  plain(agents) {
    const api = axios.create({ adapter: 'http', ...agents });
    return (url, signal) => api.get(url, { signal });
  },
});

describeOthersErrors({
  name: 'axios, http adapter without redirects',
  agents: ['the global agent', 'an agent with keep-alive'],
  over(source, agents) {
    const api = axios.create({ adapter: 'http', maxRedirects: 0, ...agents });
    api.interceptors.request.use(openBankingAuth(source));
    return (url, signal) => api.post(url, { amount: 1 }, { signal });
  },
});
