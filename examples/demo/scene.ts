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

/** What the callers got, and what is expected of the scene. */
interface Outcome {
  readonly calls: readonly PromiseSettledResult<unknown>[];
  readonly expected: {
    readonly calls: number;
    readonly tokens: number;
    readonly refused: number;
    readonly failed: number;
  };
  /** What this scene expects besides. */
  readonly checks?: readonly Check[];
}

interface Check {
  readonly what: string;
  readonly expected: number | string;
  readonly actual: number | string | undefined;
}

/** What was counted: calls and failures at the callers, tokens and refusals at the server. */
export interface Tally {
  readonly title: string;
  readonly calls: number;
  readonly tokens: number;
  readonly refused: number;
  readonly failed: number;
  readonly notAsTold: readonly Check[];
}

export async function perform(scene: Scene, stage: Stage): Promise<Tally> {
  const { sandbox, narrator } = stage;
  sandbox.resetStats();
  narrator.begin();
  const { calls, expected, checks = [] } = await scene.play(stage);
  narrator.end();

  const failed = calls.filter(({ status }) => status === 'rejected').length;
  const stats = sandbox.stats();
  const asTold = failed === expected.failed;
  const remark = asTold ? (failed > 0 ? ', as told' : '') : `, expected ${expected.calls - expected.failed}`;
  narrator.say('calls', `${calls.length - failed} of ${calls.length} succeeded${remark}`, asTold ? 'green' : 'red');

  const replayed = narrator.count('request.replayed');
  const all: Check[] = [
    { what: 'calls made', expected: expected.calls, actual: calls.length },
    { what: 'tokens issued by the server', expected: expected.tokens, actual: stats.tokensIssued },
    { what: 'requests to the token server', expected: expected.tokens, actual: stats.tokenRequests },
    { what: '401s sent by the API', expected: expected.refused, actual: stats.unauthorized },
    {
      what: '401s reported by the library',
      expected: expected.refused,
      actual: narrator.count('request.unauthorized'),
    },
    { what: 'requests sent to the API', expected: expected.calls + replayed, actual: stats.apiRequests },
    { what: 'calls failed', expected: expected.failed, actual: failed },
    { what: 'calls that the API answered well', expected: expected.calls - expected.failed, actual: stats.apiAccepted },
    ...checks,
  ];
  return {
    title: scene.title,
    calls: calls.length,
    tokens: stats.tokensIssued,
    refused: stats.unauthorized,
    failed,
    notAsTold: all.filter((check) => check.expected !== check.actual),
  };
}
