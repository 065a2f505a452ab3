import { bundleSize } from './bundle-size.mjs';
import { firstRequest } from './first-request.mjs';
import { go } from './go.mjs';
import { emptyStub, hotPath } from './hot-path.mjs';
import { importing } from './import.mjs';
import { keepAlive } from './keep-alive.mjs';
import { memory } from './memory.mjs';
import { endpointDown, refusal, wrongSecret } from './outages.mjs';
import { peek } from './peek.mjs';
import { rollOver } from './roll-over.mjs';
import { manyScopes } from './scopes.mjs';
import { stores } from './stores.mjs';
import { coldStart, revocation } from './storms.mjs';

/** In the order in which they run and are reported. */
export const scenarios = [
  hotPath,
  emptyStub,
  keepAlive,
  coldStart,
  revocation,
  rollOver,
  endpointDown,
  wrongSecret,
  refusal,
  memory,
  manyScopes,
  peek,
  importing,
  firstRequest,
  stores,
  go,
  bundleSize,
];
