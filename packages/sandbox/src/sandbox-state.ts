import { ActiveFaults } from './faults/active-faults.js';
import { IssuedTokens } from './hosts/issued-tokens.js';
import type { UnauthorizedShape } from './hosts/unauthorized.js';
import type { LiveHistory } from './page/live-history.js';
import { RecordedRequests } from './records/recorded-requests.js';
import { StatsCounter } from './records/stats.js';
import { Delays } from './server/delays.js';

/** All that changes while a sandbox runs. Its hosts and its {@link Sandbox} object share it. */
export class SandboxState {
  readonly tokens = new IssuedTokens();
  readonly stats = new StatsCounter();
  readonly recorded = new RecordedRequests();
  readonly faults = new ActiveFaults();
  readonly delays = new Delays();

  constructor(
    public unauthorizedShape: UnauthorizedShape,
    /** What the page shows, if there is one. */
    readonly page?: LiveHistory,
  ) {}
}
