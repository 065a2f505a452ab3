import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';

const loopback = '127.0.0.1';

/** A port that could not be had. `option` is the name of the option that asked for it. */
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
  /** Without a slash at the end. */
  readonly origin: string;
  close(): Promise<void>;
}

export async function listen(
  option: string,
  port: number,
  onRequest: RequestListener,
  /** With it the server speaks https. */
  tls?: ServerOptions,
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  // Node closes idle connections after 5 s, just when a client may be about to use one again. A test that fails once in
  // a thousand runs for that reason is worse than an idle connection.
  const settings = { keepAliveTimeout: 60_000 };
  const server = tls ? createTlsServer({ ...settings, ...tls }, onRequest) : createServer(settings, onRequest);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new PortError(option, reasonOf(port, error), error)));
    // The backlog is for a thousand clients that connect in the same moment.
    server.listen({ host: loopback, port, backlog: 4096 }, resolve);
  });

  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    origin: `${tls ? 'https' : 'http'}://${loopback}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function reasonOf(port: number, error: NodeJS.ErrnoException): string {
  const remedy = 'choose another one, or 0 for any free port';
  if (error.code === 'EADDRINUSE') return `port ${port} is taken on ${loopback}; ${remedy}`;
  if (error.code === 'EACCES') return `port ${port} needs more rights than this process has; ${remedy}`;
  return `port ${port} cannot be used (${error.message}); ${remedy}`;
}
