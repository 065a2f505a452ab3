import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** A port that cannot be used. `option` is the name of the option that asked for it. */
export class PortError extends Error {
  override readonly name = 'PortError';

  constructor(
    readonly option: string,
    readonly reason: string,
    cause: unknown,
  ) {
    super(`"${option}": ${reason}`, { cause });
  }
}

export interface LoopbackServer {
  /** Without a trailing slash. */
  readonly origin: string;
  close(): Promise<void>;
}

export async function listen(
  option: string,
  port: number,
  onRequest: RequestListener,
  /** Makes the server speak https. */
  tls?: ServerOptions,
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  // Node's default closes idle connections after 5 s, which can hit one that a client is about to reuse. Idle connections
  // cost less than a test that fails once in a thousand runs.
  const settings = { keepAliveTimeout: 60_000 };
  const server = tls ? createTlsServer({ ...settings, ...tls }, onRequest) : createServer(settings, onRequest);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new PortError(option, reasonOf(port, error), error)));
    // Room for a thousand clients that connect at the same moment.
    server.listen({ host: LOOPBACK, port, backlog: 4096 }, resolve);
  });

  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    origin: `${tls ? 'https' : 'http'}://${LOOPBACK}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function reasonOf(port: number, error: NodeJS.ErrnoException): string {
  const remedy = 'choose another port, or 0 for any free one';
  if (error.code === 'EADDRINUSE') return `port ${port} is already in use on ${LOOPBACK}; ${remedy}`;
  if (error.code === 'EACCES') return `port ${port} requires privileges that this process does not have; ${remedy}`;
  return `port ${port} cannot be used (${error.message}); ${remedy}`;
}
