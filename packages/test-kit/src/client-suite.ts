import { testAborts } from './client/aborts.js';
import type { ClientUnderTest } from './client/client-under-test.js';
import { testFence } from './client/fence.js';
import { testReplay } from './client/replay.js';
import { testRequestOptions } from './client/request-options.js';
import { testTokenRequests } from './client/token-requests.js';
import { testUnauthorized } from './client/unauthorized.js';
import { sandboxForEachTest } from './sandbox-for-each-test.js';

/** Every client must do all of this, whatever it is made of. Real servers count the requests. */
export function describeClient(client: ClientUnderTest): void {
  describe(`${client.name}: bearer auth`, () => {
    sandboxForEachTest();
    testTokenRequests(client);
    testUnauthorized(client);
    testReplay(client);
    testAborts(client);
    testFence(client);
    testRequestOptions(client);
  });
}
