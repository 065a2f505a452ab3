let requests = 0;

/** A number for a request that got a 401. Of the process, not of a source: the log of a process joins by it. */
export function nextRequestNumber(): number {
  requests += 1;
  return requests;
}
