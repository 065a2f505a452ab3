import { isNativeError } from 'node:util/types';
import { createTokenSource, type TokenSource } from '@open-banking-auth/core';
import { Agent } from 'undici';
import { disclosed, expectNothingDisclosed } from './disclosures.js';
import { replaceDispatcher } from './global-dispatcher.js';
import { sandbox, sandboxForEachTest } from './sandbox-for-each-test.js';
import { SINKS } from './sinks.js';
import { until } from './token-endpoint.js';

type Send = (url: string, signal: AbortSignal) => Promise<unknown>;

export interface FetchClientBesideOthers {
  readonly name: string;
  over(source: TokenSource): Send;
  /** Clients without our part, as the rest of the application has them. */
  readonly others: Readonly<Record<string, Send>>;
}

const everywhere = (value: unknown) => Object.entries(SINKS).map(([sink, show]) => [sink, show(value)] as const);

/** The same as others-errors-suite.ts, for clients that send by a dispatcher of undici. */
export function describeOthersFetchErrors({ name, over, others }: FetchClientBesideOthers): void {
  describe(`${name}: errors of other requests show no token of ours under way`, () => {
    sandboxForEachTest();

    test.each(Object.entries(others))('of %s', async (_, other) => {
      const agent = new Agent({ connections: 20 });
      const restore = replaceDispatcher(agent);
      const stop = new AbortController();
      const tokens = createTokenSource(sandbox.config);
      const { value } = await tokens.get();
      const send = over(tokens);
      const at = (path: string) => `${sandbox.apiUrl}${path}`;
      sandbox.fault({ kind: 'hang', at: 'api', path: '/hanging' });
      sandbox.fault({ kind: 'status', status: 500, at: 'api', path: '/failing' });
      sandbox.fault({ kind: 'reset', at: 'api', path: '/resetting' });
      try {
        const ours = [1, 2].map(() => send(at('/hanging'), stop.signal).catch((error: unknown) => error));
        await until(() => sandbox.stats().apiRequests === 2);
        const end = new AbortController();
        const aborted = other(at('/hanging'), end.signal)
          .then(asError)
          .catch((error: unknown) => error);
        await until(() => sandbox.stats().apiRequests === 3);
        end.abort(new Error('had enough'));
        const paths = ['/failing', '/resetting'];
        const found = paths.map((path) =>
          other(at(path), stop.signal)
            .then(asError)
            .catch((error: unknown) => error),
        );
        for (const error of await Promise.all([aborted, ...found])) {
          expect(isNativeError(error)).toBe(true);
          expectNothingDisclosed(everywhere(error), [value]);
        }
        // The search finds what is there: the dispatcher holds what it is sending, and shows it to those who dig.
        expect(disclosed(SINKS['inspect() to any depth']?.(agent) ?? '', [value])).toEqual([value]);
        stop.abort();
        for (const error of await Promise.all(ours)) expectNothingDisclosed(everywhere(error), [value]);
      } finally {
        restore();
        await agent.destroy();
      }
    });
  });
}

/** What an application makes of a response that it does not want, with all that it has. */
function asError(response: unknown): never {
  throw Object.assign(new Error('Not what was asked for'), { response });
}
