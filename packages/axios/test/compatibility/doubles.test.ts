import { createTokenSource } from '@open-banking-auth/core';
import { BANKS, config, describeDoubles } from '@open-banking-auth/test-kit/doubles-suite';
import axios from 'axios';
import { ways } from './equipped.js';

for (const [name, ours] of ways) {
  for (const adapter of ['http', 'fetch']) {
    describeDoubles(
      `${name} with the ${adapter} adapter`,
      async (setUp) => {
        const api = axios.create({ adapter });
        ours(api, createTokenSource(config));
        setUp();
        return (await api.get(BANKS)).data;
      },
      // The http adapter has no connections of undici's.
      { mockAgent: false },
    );
  }
}
