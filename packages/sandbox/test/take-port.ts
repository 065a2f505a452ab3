import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Holds a port that nobody else uses. Not one that the system chooses: that it gives to the next who asks as soon as it
 * is released, and tests that run at the same time ask for many.
 */
export async function takePort() {
  for (;;) {
    const holder = createServer();
    const port = randomInt(10_000, 30_000);
    const taken = await new Promise<boolean>((resolve) => {
      holder.once('error', () => resolve(false));
      holder.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (taken) return { port, release: () => new Promise((resolve) => holder.close(resolve)) };
  }
}
