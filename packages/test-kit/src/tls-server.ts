import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { sandboxCertificate } from '@open-banking-auth/sandbox';
import { serverCert, serverKey } from '../../sandbox/src/certificates.js';

/** A server that asks for a client certificate and notes what it gets. It responds as a token endpoint does. */
export async function startTlsServer(options: ServerOptions = {}) {
  const connections: { readonly port: number | undefined; readonly resumed: boolean }[] = [];
  const certificates: (string | undefined)[] = [];
  const server = createServer(
    {
      cert: serverCert,
      key: serverKey,
      ca: sandboxCertificate.ca,
      requestCert: true,
      rejectUnauthorized: false,
      ...options,
    },
    ({ socket }, response) => {
      const { subject }: { subject?: { CN?: unknown } } = (socket as TLSSocket).getPeerCertificate();
      certificates.push(subject && String(subject.CN));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: 'a-token', token_type: 'Bearer', expires_in: 3600 }));
    },
  );
  server.on('secureConnection', (socket) => {
    connections.push({ port: socket.remotePort, resumed: socket.isSessionReused() });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/connect/token`,
    /** In order. */
    connections,
    /** The common name of each request's certificate, in order. */
    certificates,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
