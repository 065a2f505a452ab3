import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type ClientSecretConfig,
  createTokenSource,
  isOpenBankingAuthError,
  openBankingFetch,
} from '@open-banking-auth/core';
import { FakeClock, HOUR } from '@open-banking-auth/test-kit/fake-clock';
import { HOSTILE_PIECES } from '@open-banking-auth/test-kit/hostile-text';
import { IN_FULL } from '@open-banking-auth/test-kit/in-full';
import { CONFIG, granted, grantedWith, json, QUICK_CLOCK } from '@open-banking-auth/test-kit/token-endpoint';
import fc from 'fast-check';

// Whatever others send, callers get a token, their response, or an error of this library; nothing else is thrown, nothing
// is left unhandled. What it may cost is measured in foreign-text-cost.test.ts.

/** Pieces, some of them hostile, repeated until the sizes have doubled up to 16 times. */
const text = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE_PIECES), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 4 })
  .chain((pieces) =>
    fc.nat(16).map((doublings) =>
      pieces
        .join('')
        .repeat(2 ** doublings)
        .slice(0, 2 ** 17),
    ),
  );

const value = fc.oneof(text, fc.jsonValue(), fc.double(), fc.constant(undefined), fc.constant(null));
const member = (...names: string[]) => fc.dictionary(fc.constantFrom(...names), value, { maxKeys: names.length });
const body = fc.oneof(
  text,
  fc.json(),
  member('access_token', 'token_type', 'expires_in', 'scope').map((over) =>
    JSON.stringify({ access_token: 'x', token_type: 'Bearer', ...over }),
  ),
  member('error', 'error_description', 'error_uri', '__proto__').map((over) =>
    JSON.stringify({ error: 'invalid_client', ...over }),
  ),
);
const status = fc.constantFrom(200, 201, 204, 301, 400, 401, 403, 408, 429, 500, 503);
const headerText = text.map((any) => any.replace(/[^\x20-\x7e]/g, '').slice(0, 20_000));

const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);
beforeAll(() => void process.on('unhandledRejection', note));
afterAll(() => void process.off('unhandledRejection', note));

const holds = async <T>(
  arbitrary: fc.Arbitrary<T>,
  property: (value: T) => Promise<void>,
  numRuns = IN_FULL ? 150 : 50,
) => {
  await fc.assert(fc.asyncProperty(arbitrary, property), { numRuns });
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
};

const responseOf = (content: string, code: number, headers: Record<string, string>) =>
  new Response(code === 204 ? null : content, { status: code, headers });

async function get(over: Partial<ClientSecretConfig>): Promise<void> {
  const clock = new FakeClock();
  const tokens = createTokenSource({ ...CONFIG, ...over }, { clock });
  try {
    const token = await clock.through(tokens.get());
    expect(typeof token.value).toBe('string');
    expect(token.scope.length).toBeLessThanOrEqual(1_000);
  } catch (error) {
    if (!isOpenBankingAuthError(error)) throw error;
    expect(error.message.length).toBeLessThan(2_000);
    expect(error.message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(JSON.stringify(error).length).toBeLessThan(5_000);
  }
}

test('whatever the token endpoint responds, there is a token, or an error that fits on a page', () =>
  holds(fc.record({ body, status, id: headerText, retry: headerText }), ({ body, status, id, retry }) =>
    get({ fetch: async () => responseOf(body, status, { 'x-request-id': id, 'retry-after': retry }) }),
  ));

test('whatever fetch throws, there is an error that fits on a page', () =>
  holds(fc.oneof(value, fc.record({ message: value, name: value, code: value, cause: value })), (thrown) =>
    get({ fetch: () => Promise.reject(thrown) }),
  ));

test('whatever Retry-After says, nothing is paused for more than an hour', () =>
  holds(fc.oneof(headerText, fc.nat().map(String), fc.date().map(String)), async (retry) => {
    const fetch = async () => json({ error: 'invalid_client' }, 400, { 'retry-after': retry });
    const tokens = createTokenSource({ ...CONFIG, fetch });
    const error = await tokens.get().catch((thrown: unknown) => thrown);
    const retryAt = isOpenBankingAuthError(error) ? error.retryAt : undefined;
    expect(retryAt === undefined || retryAt.getTime() - Date.now() <= 3_600_000).toBe(true);
  }));

test('whatever a 401 says, callers get a response', () =>
  holds(fc.record({ body, challenge: headerText }), async ({ body, challenge }) => {
    let n = 0;
    const api = async () => responseOf(body, 401, { 'www-authenticate': challenge });
    const equipped = openBankingFetch({ ...CONFIG, fetch: async () => granted(++n) }, { fetch: api });
    expect((await equipped('https://api.test.invalid/')).status).toBe(401);
    expect(n).toBeLessThanOrEqual(2);
  }));

test('whatever the store returns or throws, there is a token', () =>
  holds(fc.record({ stored: value, fails: fc.boolean() }), async ({ stored, fails }) => {
    const operation = async () => {
      if (fails) throw stored;
      return stored as string;
    };
    const store = { get: operation, set: async () => void (await operation()), delete: async () => {} };
    const tokens = createTokenSource({ ...CONFIG, store, fetch: async () => granted(1) });
    expect((await tokens.get()).value).toBe('token-1');
  }));

describe('the memory of what others send', () => {
  const SENDINGS = 32;
  const CHARACTERS = 2 ** 18;
  /** Errors take a third of it; one kind of text that is kept as it came, 32 times, would take more than all of it. */
  const MOST_BYTES = 2 ** 21;
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const usedBytes = async () => {
    // What has finalizers takes several turns.
    for (let turn = 0; turn < 2; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };

  /** A source for whose next token request, or request, this text is what others send. */
  function receiver() {
    let hours = 0;
    let text = '';
    const clock = {
      ...QUICK_CLOCK,
      wall: () => Date.now() + hours * HOUR,
      monotonic: () => performance.now() + hours * HOUR,
    };
    const over = (config: Partial<ClientSecretConfig>) => createTokenSource({ ...CONFIG, ...config }, { clock });
    const next = (given: string) => {
      hours += 2;
      text = given;
    };
    return { over, next, current: () => text };
  }
  type Receiver = ReturnType<typeof receiver>;
  type Receive = () => Promise<unknown>;
  const rejectedWith = (body: (text: string) => object) => (to: Receiver) => {
    const tokens = to.over({ fetch: async () => json(body(to.current().slice(0, 60_000)), 400) });
    return () => tokens.get();
  };
  const RECEIVERS: Readonly<Record<string, (to: Receiver) => Receive>> = {
    'a description': rejectedWith((text) => ({ error: 'invalid_scope', error_description: text })),
    'an error': rejectedWith((error) => ({ error })),
    'a granted scope': (to) => {
      const scope = () => to.current().slice(0, 60_000);
      const tokens = to.over({ fetch: async () => grantedWith(1, { scope: scope() }) });
      return () => tokens.get();
    },
    'a network error': (to) => {
      const tokens = to.over({
        fetch: () => Promise.reject(Object.assign(new Error(to.current()), { code: to.current() })),
      });
      return () => tokens.get();
    },
    'the body of a 401': (to) => {
      const equipped = openBankingFetch(to.over({ fetch: async () => granted(1) }), {
        fetch: async () => new Response(to.current(), { status: 401 }),
      });
      return async () => (await equipped('https://api.test.invalid/')).status;
    },
    'a value in the store': (to) => {
      const store = { get: async () => to.current(), set: async () => {}, delete: async () => {} };
      const tokens = to.over({ store, fetch: async () => granted(1) });
      return () => tokens.get();
    },
    'an error of the store': (to) => {
      const fail = () => Promise.reject(Object.assign(new Error(to.current()), { code: to.current() }));
      const tokens = to.over({ store: { get: fail, set: fail, delete: fail }, fetch: async () => granted(1) });
      return () => tokens.get();
    },
    'the scope of a request': (to) => {
      const tokens = to.over({ fetch: async () => json({ error: 'invalid_scope' }, 400) });
      return () => tokens.get({ scope: to.current() });
    },
  };

  test('is freed, but for the errors that tell of it, which do not grow with it', async () => {
    const receivers = Object.values(RECEIVERS).map((of) => {
      const to = receiver();
      return { to, receive: of(to) };
    });
    const kept: unknown[] = [];
    const receiveAll = async (times: number) => {
      for (let n = 0; n < times; n++) {
        for (const { to, receive } of receivers) {
          // Harmless, so that as much of it as possible is quoted.
          to.next(`${n} is Å good number. `.repeat(CHARACTERS / 20));
          kept.push(await receive().catch((error: unknown) => error));
          to.next('');
        }
      }
    };
    await receiveAll(4);
    const before = await usedBytes();
    await receiveAll(SENDINGS);
    expect((await usedBytes()) - before).toBeLessThan(MOST_BYTES);
    expect(kept).toHaveLength((SENDINGS + 4) * receivers.length);
  });
});

test('whatever is configured, there is a source, or an error that names what is wrong', () => {
  const options = member(...Object.keys(CONFIG), 'environment', 'timeoutMs', 'store', 'fetch', 'clientAuthentication');
  return holds(fc.record({ options, whole: fc.boolean() }), async ({ options, whole }) => {
    try {
      createTokenSource((whole ? { ...CONFIG, ...options } : options) as unknown as ClientSecretConfig);
    } catch (error) {
      if (!isOpenBankingAuthError(error)) throw error;
      expect(error.code).toBe('invalid_config');
      expect(error.message.length).toBeLessThan(5_000);
    }
  });
});
