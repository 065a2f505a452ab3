import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Holds a port that nothing else uses. It is not chosen by the system, which could hand it to a parallel test as soon as
 * it is released.
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
