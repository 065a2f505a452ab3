import { type HostResponse, json } from './response.js';

/** Always a 200: only the statistics and the recorded requests show that a token came here. */
export function handleForeignRequest(): HostResponse {
  return json(200, { foreign: true });
}
