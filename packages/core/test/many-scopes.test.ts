import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HOUR } from '@open-banking-auth/test-kit/fake-clock';
import { granted, json, settle, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';

const rejected = () => json({ error: 'invalid_scope' }, 400);

async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc');
  // What has a finalizer takes more than one round.
  for (let round = 0; round < 3; round++) {
    await settle();
    runInNewContext('gc')();
  }
  return process.memoryUsage().heapUsed;
}

describe('an application that takes scopes from its own callers', () => {
  test('does not grow with the scopes that are rejected', async () => {
    const { tokens, all, calls } = sourceOver(rejected);
    const getMany = async (from: number, to: number) => {
      for (let n = from; n < to; n++) await tokens.get({ scope: `scope${n}` }).catch(() => {});
      all.length = calls.length = 0;
    };
    await getMany(0, 500);
    const before = await heapUsed();
    await getMany(500, 1_500);
    // Each of them took 6 kB.
    expect((await heapUsed()) - before).toBeLessThan(2_000_000);
    expect(tokens.peek()).toBeUndefined();
  });

  test('asks for a rejected scope again sooner only if it was the longest unused of many', async () => {
    const { tokens, calls } = sourceOver(rejected);
    const get = (scope: string) => tokens.get({ scope }).catch(() => {});
    const asked = (scope: string) => calls.filter(({ form }) => form.get('scope') === `${scope} private`).length;
    await get('first');
    await get('used');
    for (let n = 0; n < 300; n++) {
      await get(`scope${n}`);
      await get('used');
    }
    await get('first');
    expect([asked('first'), asked('used'), asked('scope299')]).toEqual([2, 1, 1]);
  });

  test('holds the tokens of 5,000 scopes, and beyond that forgets the longest unused', async () => {
    const { tokens, all, calls } = sourceOver(granted);
    for (let n = 0; n < 5_000; n++) await tokens.get({ scope: `scope${n}` });
    await tokens.get({ scope: 'scope0' });
    expect(calls).toHaveLength(5_000);
    for (let n = 5_000; n < 5_201; n++) await tokens.get({ scope: `scope${n}` });
    all.length = calls.length = 0;
    expect(tokens.peek({ scope: 'scope1' })).toBeUndefined();
    expect(tokens.peek({ scope: 'scope0' })).toBeDefined();
    for (let n = 5_200; n > 201; n--) await tokens.get({ scope: `scope${n}` });
    expect(calls).toEqual([]);
  });

  test('forgets scopes whose tokens have expired, but not the requests under way', async () => {
    const answers: (() => void)[] = [];
    const { tokens, calls, clock } = sourceOver((n) =>
      n > 300 ? new Promise((resolve) => answers.push(() => resolve(granted(n)))) : granted(n),
    );
    for (let n = 0; n < 300; n++) await tokens.get({ scope: `scope${n}` });
    clock.advance(2 * HOUR);
    const waiting = Array.from({ length: 300 }, (_, n) => tokens.get({ scope: `later${n}` }));
    const alsoWaiting = Array.from({ length: 300 }, (_, n) => tokens.get({ scope: `later${n}` }));
    while (answers.length < 300) await new Promise((resolve) => setImmediate(resolve));
    for (const answer of answers) answer();
    await Promise.all([...waiting, ...alsoWaiting]);
    expect(calls).toHaveLength(600);
  });
});
