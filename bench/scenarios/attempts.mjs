/** Sends one request and reports the outcome: whether the response was a 200, and how many milliseconds it took. */
async function attempt(calls, url) {
  const started = performance.now();
  let succeeded = false;
  try {
    succeeded = (await calls.get(url)) === 200;
  } catch {}
  return { succeeded, ms: performance.now() - started };
}

/** The given number of requests at once. */
export async function volley(calls, url, requests) {
  const started = performance.now();
  const attempts = await Promise.all(Array.from({ length: requests }, () => attempt(calls, url)));
  return { ms: performance.now() - started, failures: failuresOf(attempts), attempts };
}

/** Requests at a steady rate, however long they take: callers do not wait for each other. */
export async function steadily(calls, url, perSecond, seconds) {
  const started = performance.now();
  const attempts = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const waitMs = started + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const atMs = performance.now() - started;
    attempts.push(attempt(calls, url).then((outcome) => ({ ...outcome, atMs })));
  }
  return Promise.all(attempts);
}

export function failuresOf(attempts) {
  return attempts.filter(({ succeeded }) => !succeeded).length;
}
