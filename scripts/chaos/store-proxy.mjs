import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A TCP proxy in front of Redis: what the network between an application and its store can do to it. */
export class StoreProxy {
  #server;
  #connections = new Set();
  #mode = 'well';
  #delayMs = 0;

  /** @param redisPath The Unix socket of the server. */
  static async start(redisPath) {
    const proxy = new StoreProxy();
    proxy.#server = createServer((client) => proxy.#accept(client, redisPath)).listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url() {
    return `redis://127.0.0.1:${this.#server.address().port}`;
  }

  /** Nothing arrives any more, in either direction, though connections stay. */
  swallow() {
    this.#mode = 'swallow';
  }

  /** Everything arrives this much later, in each direction. */
  delay(delayMs) {
    this.#mode = 'delay';
    this.#delayMs = delayMs;
  }

  /** Connections end, and new ones do so at once. */
  refuse() {
    this.#mode = 'refuse';
    this.cut();
  }

  /** Connections end; new ones work. */
  cut() {
    for (const connection of this.#connections) connection.destroy();
  }

  /** The fault is over. What was swallowed is lost, as are its connections: half a dialogue is worse than none. */
  heal() {
    if (this.#mode === 'swallow') this.cut();
    this.#mode = 'well';
  }

  close() {
    this.#server.close();
    this.cut();
  }

  #accept(client, redisPath) {
    if (this.#mode === 'refuse') {
      client.destroy();
      return;
    }
    const redis = connect(redisPath);
    const connection = {
      destroy: () => {
        client.destroy();
        redis.destroy();
        this.#connections.delete(connection);
      },
    };
    this.#connections.add(connection);
    this.#pass(client, redis);
    this.#pass(redis, client);
    for (const socket of [client, redis]) socket.on('error', connection.destroy).on('close', connection.destroy);
  }

  #pass(from, to) {
    // What comes later must not overtake what was delayed.
    let lastAt = 0;
    from.on('data', (bytes) => {
      if (this.#mode === 'swallow') return;
      const now = performance.now();
      lastAt = Math.max(lastAt, now + (this.#mode === 'delay' ? this.#delayMs : 0));
      if (lastAt <= now) to.write(bytes);
      else setTimeout(() => to.destroyed || to.write(bytes), lastAt - now);
    });
  }
}
