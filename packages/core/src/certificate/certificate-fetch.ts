import type { SecureContext } from 'node:tls';
import { invalidConfig, type OpenBankingAuthError } from '../errors.js';
import { globalFetch } from '../web/global-fetch.js';

/** The part of the package undici that is used here. */
interface Undici {
  readonly Agent: new (options: { connect: { secureContext: SecureContext } }) => object;
  /** Since undici 8, whose agents speak to the built-in `fetch` of Node 22 and 24 through it alone. */
  readonly Dispatcher1Wrapper?: new (
    agent: object,
  ) => object;
  /** Since undici 7. */
  readonly cacheStores?: object;
}

const REMEDY = 'npm install undici@7';

/**
 * The built-in `fetch` over connections that have the client certificate. Node documents one way to choose its connections,
 * undici's `dispatcher`, and does not expose its built-in undici. undici's own `fetch` would need no dispatcher, but does
 * not accept the built-in `Request`, `FormData` and `Blob`.
 *
 * @see https://nodejs.org/api/globals.html#custom-dispatcher
 */
export function certificateFetch(secureContext: SecureContext): typeof fetch {
  const globalThen = globalThis.fetch;
  let dispatcher: Promise<object> | undefined;
  return async (input, init) => {
    dispatcher ??= makeDispatcher(secureContext);
    const send: (input: string | URL | Request, init: object) => Promise<Response> = globalFetch(globalThen);
    return send(input, { ...init, dispatcher: await dispatcher });
  };
}

async function makeDispatcher(secureContext: SecureContext): Promise<object> {
  const { Agent, Dispatcher1Wrapper } = await importUndici();
  const agent = new Agent({ connect: { secureContext } });
  return Dispatcher1Wrapper ? new Dispatcher1Wrapper(agent) : agent;
}

/** Imported lazily: axios users do not need undici. */
async function importUndici(): Promise<Undici> {
  let undici: Undici;
  try {
    undici = await import('undici');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw unusable(
      code?.endsWith('MODULE_NOT_FOUND') ? 'is not installed' : `cannot be loaded on Node ${process.version}`,
    );
  }
  // Up to 7.26, responses lose their headers on Node 26. Nothing else identifies these versions: the version is in a JSON
  // file, whose import prints a warning on Node 20.
  const known = undici.Dispatcher1Wrapper ?? (undici.cacheStores && 'webSocketOptions' in undici.Agent.prototype);
  if (!known) throw unusable('is older than 7.28');
  return undici;
}

function unusable(what: string): OpenBankingAuthError {
  return invalidConfig(
    `fetch with a client certificate needs the package "undici", which ${what}`,
    `${REMEDY}. axios with its http adapter does not need it: give it the certificate's "agent" as "httpsAgent"`,
  );
}
