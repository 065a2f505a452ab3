import { setTimeout as sleep } from 'node:timers/promises';
import { isAxiosError } from 'axios';
import type { BankReaders } from './banks.ts';
import type { Scene } from './scene.ts';

interface Unauthorized {
  readonly tppMessages: readonly { readonly code: string }[];
}

const oneToken: Scene = {
  title: 'One token, three clients',
  story: 'Each client fetches the list of banks, with the token that the first one needed.',
  async play({ readers, narrator }) {
    const calls: PromiseSettledResult<string[]>[] = [];
    for (const [client, read] of Object.entries(readers)) {
      const [call] = await Promise.allSettled([read()]);
      calls.push(call);
      if (call.status === 'fulfilled') narrator.say(client, `${call.value.length} banks: ${call.value.join(', ')}`);
    }
    return { calls, expected: { calls: 3, tokens: 1, unauthorized: 0, failed: 0 } };
  },
};

const coldStart: Scene = {
  title: 'Cold start',
  story: '300 calls start at the same moment, without a token. All of them wait for the same one.',
  async play({ tokens, readers, narrator }) {
    tokens.clear();
    narrator.say('calls', '300 start, 100 from each client');
    return { calls: await inParallel(readers, 100), expected: { calls: 300, tokens: 1, unauthorized: 0, failed: 0 } };
  },
};

const revocation: Scene = {
  title: 'Revoked in the middle of requests',
  story:
    'The server revokes the token while 210 calls are using it. Their 401s arrive one by one. Each of those requests is ' +
    'sent once more, all with the same new token.',
  async play({ sandbox, readers, narrator }) {
    const undo = sandbox.fault({ kind: 'slow', at: 'api', delayMs: 150, jitterMs: 350 });
    narrator.say('calls', '210 start, 70 from each client');
    const calls = inParallel(readers, 70);
    await sleep(300);
    const accepted = sandbox.stats().apiAccepted;
    sandbox.revokeTokens();
    narrator.say('server', `revokes the token: ${accepted} calls are complete, ${210 - accepted} are not`);
    const expected = { calls: 210, tokens: 1, unauthorized: 210 - accepted, failed: 0 };
    return { calls: await calls.finally(undo), expected };
  },
};

const expiry: Scene = {
  title: 'Expired too early',
  story: 'The token expires before its hour is over. The next call gets a 401, and recovers.',
  async play({ sandbox, readers, narrator }) {
    sandbox.expireTokens();
    narrator.say('server', 'lets the token expire');
    const calls = await Promise.allSettled([readers.ky()]);
    return { calls, expected: { calls: 1, tokens: 1, unauthorized: 1, failed: 0 } };
  },
};

const consent: Scene = {
  title: 'A 401 that a new token cannot fix',
  story:
    "The account holder's consent has expired, which is a 401 too. A new token would change nothing, so none is " +
    'requested, and the caller gets the 401 with its reason.',
  async play({ sandbox, clients, narrator }) {
    const path = '/psd2/accountinformation/v1/accounts';
    const undo = sandbox.fault({ kind: 'unauthorized', at: 'api', path, code: 'CONSENT_EXPIRED' });
    const [call] = await Promise.allSettled([
      clients.axios.get(path, { headers: { 'Consent-ID': '11111111-1111-4111-8111-111111111111' } }),
    ]);
    undo();
    const response =
      call.status === 'rejected' && isAxiosError<Unauthorized>(call.reason) ? call.reason.response : undefined;
    const got = `${response?.status} ${response?.data.tppMessages[0]?.code}`;
    const judged = narrator.events.find((event) => event.type === 'request.unauthorized');
    narrator.say('axios', `the caller gets ${got}`);
    return {
      calls: [call],
      expected: { calls: 1, tokens: 0, unauthorized: 1, failed: 1 },
      checks: [
        { what: 'result for the caller', expected: '401 CONSENT_EXPIRED', actual: got },
        { what: 'verdict on the 401', expected: 'pass', actual: judged?.verdict },
        { what: 'requests sent again', expected: 0, actual: narrator.count('request.replayed') },
      ],
    };
  },
};

export const scenes: readonly Scene[] = [oneToken, coldStart, revocation, expiry, consent];

function inParallel(readers: BankReaders, callsEach: number) {
  return Promise.allSettled(Object.values(readers).flatMap((read) => Array.from({ length: callsEach }, () => read())));
}
