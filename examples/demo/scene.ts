import type { TokenSource } from '@open-banking-auth/core';
import type { Sandbox } from '@open-banking-auth/sandbox';
import type { BankReaders } from './banks.ts';
import type { Clients } from './clients.ts';
import type { Narrator } from './narrator.ts';

export interface Stage {
  readonly sandbox: Sandbox;
  readonly tokens: TokenSource;
  readonly clients: Clients;
  readonly readers: BankReaders;
  readonly narrator: Narrator;
}

export interface Scene {
  readonly title: string;
  readonly story: string;
  readonly play: (stage: Stage) => Promise<Outcome>;
}

/** The callers' results, and what the scene expects. */
interface Outcome {
  readonly calls: readonly PromiseSettledResult<unknown>[];
  readonly expected: {
    readonly calls: number;
    readonly tokens: number;
    readonly unauthorized: number;
    readonly failed: number;
  };
  /** Further expectations of this scene. */
  readonly checks?: readonly Check[];
}

interface Check {
  readonly what: string;
  readonly expected: number | string;
  readonly actual: number | string | undefined;
}

/** The counts: calls by the callers, tokens by the server. */
export interface Tally {
  readonly title: string;
  readonly calls: number;
  readonly tokens: number;
  readonly unexpected: readonly Check[];
}

export async function perform(scene: Scene, stage: Stage): Promise<Tally> {
  const { sandbox, narrator } = stage;
  sandbox.resetStats();
  narrator.begin();
  const { calls, expected, checks = [] } = await scene.play(stage);
  narrator.end();

  const failed = calls.filter(({ status }) => status === 'rejected').length;
  const stats = sandbox.stats();
  const asExpected = failed === expected.failed;
  const remark = asExpected ? (failed > 0 ? ', as expected' : '') : `, expected ${expected.calls - expected.failed}`;
  narrator.say('calls', `${calls.length - failed} of ${calls.length} succeeded${remark}`, asExpected ? 'green' : 'red');

  const replayed = narrator.count('request.replayed');
  const all: Check[] = [
    { what: 'calls made', expected: expected.calls, actual: calls.length },
    { what: 'tokens issued by the server', expected: expected.tokens, actual: stats.tokensIssued },
    { what: 'requests to the token server', expected: expected.tokens, actual: stats.tokenRequests },
    { what: '401s sent by the API', expected: expected.unauthorized, actual: stats.unauthorized },
    {
      what: '401s reported by the library',
      expected: expected.unauthorized,
      actual: narrator.count('request.unauthorized'),
    },
    { what: 'requests sent to the API', expected: expected.calls + replayed, actual: stats.apiRequests },
    { what: 'calls failed', expected: expected.failed, actual: failed },
    { what: 'calls that the API accepted', expected: expected.calls - expected.failed, actual: stats.apiAccepted },
    ...checks,
  ];
  return {
    title: scene.title,
    calls: calls.length,
    tokens: stats.tokensIssued,
    unexpected: all.filter((check) => check.expected !== check.actual),
  };
}
