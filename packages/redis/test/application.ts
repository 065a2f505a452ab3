// An application over Redis, in a process of its own. Started by processes.test.ts.
import { redisTokenStore } from '@open-banking-auth/redis';
import { runApplications } from '@open-banking-auth/test-kit/application';
import { type ClientKind, clientKinds } from './redis-clients.js';

/** Where the Redis is, and which client is used. */
export interface RedisPlace {
  readonly kind: ClientKind;
  readonly url: string;
}

runApplications<RedisPlace>(async ({ kind, url }) => {
  const { client, close } = await clientKinds[kind](url);
  return { store: redisTokenStore({ client }), reconnected: () => client.get('anything'), close };
});
