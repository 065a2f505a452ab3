import { stat } from 'node:fs/promises';
import { createTokenSource, type TokenSource } from '@open-banking-auth/core';
import { type BodyPlan, isEndless } from './body-plan.js';
import { Conversation, type EchoServer, type SentRequest } from './echo-server.js';
import type { HeaderPlan } from './header-plan.js';
import type { ResponsePlan } from './response-plan.js';
import { shapeOf } from './shape.js';
import { PlannedAbort, type SignalPlan } from './signal-plan.js';

/** What the requests of all clients have. */
export interface CallPlan {
  readonly method: string | null;
  readonly body: BodyPlan;
  readonly headers: HeaderPlan;
  readonly signal: SignalPlan;
  readonly response: ResponsePlan;
  /** When the caller changes what was given: not at all, right after the call, or while the request is on its way. */
  readonly change: 'never' | 'at once' | 'on the way';
  /** Whether the same objects are used for a second call, after the first. */
  readonly again: boolean;
}

/**
 * `bare` is without this library, and `bare refresh` with what a client has of its own to send a request again. The others
 * are what the library has when the call is made.
 */
export type State = 'bare' | 'bare refresh' | 'token held' | 'no token' | 'revoked token';

/** One call, ready to be made. */
export interface PreparedCall {
  /** Bodies and the like, which are the caller's: they are not read when the outcome is looked at. */
  readonly given: readonly unknown[];
  call(signal: AbortSignal | undefined): unknown;
  /** Changes everything that the caller still holds. */
  change(): void;
  /** What the callbacks for progress were last called with. */
  readonly progress?: ReadonlyMap<string, unknown>;
}

/** What a call came to. */
export interface Outcome {
  readonly results: readonly unknown[];
  /** What was sent for each call. */
  readonly requests: readonly (readonly SentRequest[])[];
  readonly progress: unknown;
}

/** A call that takes longer hangs. All that is waited for takes milliseconds. */
const LIMIT_MS = 5_000;

let lastId = 0;

/** The place where one call is made: a conversation with the server, and a token source in the right state. */
export class Bench {
  readonly id: string;
  readonly tokens: TokenSource | undefined;
  readonly origin: string;
  readonly #conversation: Conversation;
  readonly #tokenRequested: Promise<void>;
  #slowly = false;

  constructor(
    readonly echo: EchoServer,
    readonly plan: CallPlan,
    readonly state: State,
    response: ResponsePlan = plan.response,
    isRevoked = state === 'revoked token',
  ) {
    this.id = String(++lastId).padStart(7, '0');
    this.origin = echo.origin;
    const revoked = isRevoked ? 'Bearer transparent-1' : undefined;
    this.#conversation = new Conversation(response, revoked, isEndless(plan.body));
    echo.begin(this.id, this.#conversation);
    let requested = () => {};
    this.#tokenRequested = new Promise((resolve) => {
      requested = resolve;
    });
    this.tokens = state.startsWith('bare') ? undefined : this.#source(requested);
  }

  #source(requested: () => void): TokenSource {
    let issued = 0;
    return createTokenSource({
      tokenUrl: 'https://auth.test.invalid/token',
      apiOrigins: [this.echo.origin],
      clientId: 'transparency',
      clientSecret: 'secret',
      scope: 'accountinformation private',
      fetch: async () => {
        const token = { access_token: `transparent-${++issued}`, token_type: 'Bearer', expires_in: 3_600 };
        if (this.#slowly) {
          requested();
          await aWhile(this.plan);
        }
        return new Response(JSON.stringify(token), { headers: { 'content-type': 'application/json' } });
      },
    });
  }

  /** Makes the call, and all that happens to it. */
  async run(prepare: (bench: Bench) => PreparedCall): Promise<Outcome> {
    if (this.state === 'token held' || this.state === 'revoked token') await this.tokens?.get();
    this.#slowly = true;
    const results: unknown[] = [];
    const abort = new PlannedAbort(this.plan.signal);
    const prepared = prepare(this);
    const requests: SentRequest[][] = [];
    for (const _ of this.plan.again ? ['first', 'second'] : ['only']) {
      results.push(await this.#result(prepared, abort));
      requests.push(this.#conversation.requests.splice(0));
    }
    this.echo.end(this.id);
    return { results, requests, progress: Object.fromEntries(prepared.progress ?? []) };
  }

  async #result(prepared: PreparedCall, abort: PlannedAbort): Promise<unknown> {
    const shape = (value: unknown) => shapeOf(value, prepared.given, (text) => this.#normalised(text));
    let result: unknown;
    try {
      result = prepared.call(abort.signal);
    } catch (error) {
      return { throws: await shape(error) };
    }
    const happened = this.#happens(prepared, abort);
    const limit = new Promise<'hangs'>((resolve) => setTimeout(resolve, LIMIT_MS, 'hangs').unref());
    const settled = Promise.resolve(result).then(
      async (value) => {
        happened();
        // A body that stalls is read until the caller gives up; of another, the caller has everything before.
        if (this.plan.response.ending === 'stalls') queueMicrotask(() => abort.reach('after'));
        const resolves = await shape(value);
        abort.reach('after');
        return { resolves };
      },
      async (error: unknown) => {
        happened();
        if (this.plan.response.ending === 'stalls') queueMicrotask(() => abort.reach('after'));
        return { rejects: await shape(error) };
      },
    );
    return Promise.race([settled, limit]);
  }

  /** Returns what makes up for a change that was to come while the request was on its way, if it never was. */
  #happens(prepared: PreparedCall, abort: PlannedAbort): () => void {
    let pending = this.plan.change !== 'never';
    const change = () => {
      if (pending) prepared.change();
      pending = false;
    };
    if (this.plan.change === 'at once') change();
    abort.reach('at once');
    const { arrived } = this.#conversation;
    void arrived.then(() => abort.reach('on arrival'));
    void Promise.race([arrived, this.#tokenRequested]).then(change);
    return change;
  }

  #normalised(text: string): string {
    return this.echo.withoutPorts(text).replaceAll(this.id, 'ID');
  }
}

/** Lets what is under way go on, long enough for a file that is not there to be missed, without waiting for time to pass. */
export async function aWhile({ body }: CallPlan): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (body.kind === 'missing file') await stat('/this/file/is/not/there').catch(() => {});
  }
}
