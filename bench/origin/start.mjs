import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Starts the token endpoint and the API in a separate process.
 *
 * @returns its addresses, the credentials it accepts, and its controls: `fault`, `revoke`, `skip`, `count`.
 */
export async function startOrigin() {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: [] });
  const [{ tokenPort, apiPort }] = await once(child, 'message');
  const waiting = new Map();
  child.on('message', ({ id, result }) => {
    waiting.get(id)(result);
    waiting.delete(id);
  });
  let lastId = 0;
  const control = (name) => (value) =>
    new Promise((resolve) => {
      waiting.set(++lastId, resolve);
      child.send({ id: lastId, control: name, value });
    });
  const url = `http://127.0.0.1:${apiPort}`;
  return {
    address: {
      tokenUrl: `http://127.0.0.1:${tokenPort}/connect/token`,
      apiUrl: url,
      clientId: '5a9d6b0e-7c1f-4e2a-9b38-0d4f6c1e2a70',
      clientSecret: 'invented+for/the+bench==',
      scope: 'accountinformation private',
    },
    banksUrl: `${url}/psd2/aspspinformation/v1/aspsps`,
    /** The same response, for requests without a token. */
    openUrl: `${url}/open/psd2/aspspinformation/v1/aspsps`,
    fault: control('fault'),
    revoke: control('revoke'),
    skip: control('skip'),
    count: control('count'),
    close: () => child.disconnect(),
  };
}
