import { openBankingAuth } from '@open-banking-auth/ky';
import { BANKS, config, describeDoubles } from '@open-banking-auth/test-kit/doubles-suite';
import ky from 'ky';

// Each has patched the global fetch by the time the hooks are made, or does so later: both must do.
describeDoubles('ky, with hooks made before the double is set up', (setUp) => {
  const api = ky.extend(openBankingAuth(config));
  setUp();
  return api(BANKS).json();
});
describeDoubles('ky, with hooks made after the double is set up', (setUp) => {
  setUp();
  return ky.extend(openBankingAuth(config))(BANKS).json();
});
