import { setTimeout as sleep } from 'node:timers/promises';
import { isAxiosError } from 'axios';
import type { BankReaders } from './banks.ts';
import type { Scene } from './scene.ts';

interface Refusal {
  readonly tppMessages: readonly { readonly code: string }[];
}

const oneToken: Scene = {
  title: 'One token for three clients',
  story: 'Each client fetches the list of banks. The first needs a token, the others use the same one.',
  async play({ readers, narrator }) {
    const calls: PromiseSettledResult<string[]>[] = [];
    for (const [client, read] of Object.entries(readers)) {
      const [call] = await Promise.allSettled([read()]);
      calls.push(call);
      if (call.status === 'fulfilled') narrator.say(client, `${call.value.length} banks: ${call.value.join(', ')}`);
    }
    return { calls, expected: { calls: 3, tokens: 1, refused: 0, failed: 0 } };
  },
};

const coldStart: Scene = {
  title: 'Cold start',
  story: 'The token is forgotten, then 300 calls start at the same moment. All of them wait for the same new token.',
  async play({ tokens, readers, narrator }) {
    tokens.clear();
    narrator.say('calls', '300 start, 100 from each client');
    return { calls: await inParallel(readers, 100), expected: { calls: 300, tokens: 1, refused: 0, failed: 0 } };
  },
};

const revocation: Scene = {
  title: 'Revoked in mid-flight',
  story:
    'The API is made slow, and the server revokes the token while 210 calls are on their way with it. The refused ' +
    'ones come back one by one; the library sends each once more, and asks for one new token for all of them.',
  async play({ sandbox, readers, narrator }) {
    const undo = sandbox.fault({ kind: 'slow', at: 'api', delayMs: 150, jitterMs: 350 });
    narrator.say('calls', '210 start, 70 from each client');
    const calls = inParallel(readers, 70);
    await sleep(300);
    const answered = sandbox.stats().apiAccepted;
    sandbox.revokeTokens();
    narrator.say('server', `revokes the token: ${answered} calls have been answered, ${210 - answered} have not`);
    const expected = { calls: 210, tokens: 1, refused: 210 - answered, failed: 0 };
    return { calls: await calls.finally(undo), expected };
  },
};

const expiry: Scene = {
  title: 'Expired too early',
  story:
    'The server lets the token expire before its hour is over. The next call, one of ky, finds out and heals itself: ' +
    'refused, renewed, sent again.',
  async play({ sandbox, readers, narrator }) {
    sandbox.expireTokens();
    narrator.say('server', 'lets the token expire');
    const calls = await Promise.allSettled([readers.ky()]);
    return { calls, expected: { calls: 1, tokens: 1, refused: 1, failed: 0 } };
  },
};

const consent: Scene = {
  title: 'A refusal that no token cures',
  story:
    "The account holder's consent has run out. The API says so with a 401 as well, but a new token would change " +
    'nothing: none is asked for, and the caller gets the 401 with its reason.',
  async play({ sandbox, clients, narrator }) {
    const path = '/psd2/accountinformation/v1/accounts';
    const undo = sandbox.fault({ kind: 'unauthorized', at: 'api', path, code: 'CONSENT_EXPIRED' });
    const [call] = await Promise.allSettled([
      clients.axios.get(path, { headers: { 'Consent-ID': '11111111-1111-4111-8111-111111111111' } }),
    ]);
    undo();
    const answer = call.status === 'rejected' && isAxiosError<Refusal>(call.reason) ? call.reason.response : undefined;
    const got = `${answer?.status} ${answer?.data.tppMessages[0]?.code}`;
    const judged = narrator.events.find((event) => event.type === 'request.unauthorized');
    narrator.say('axios', `the caller gets ${got}`);
    return {
      calls: [call],
      expected: { calls: 1, tokens: 0, refused: 1, failed: 1 },
      checks: [
        { what: 'what the caller got', expected: '401 CONSENT_EXPIRED', actual: got },
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
