import { randomUUID } from 'node:crypto';
import { emptyFetch, stubFetch } from '../stub.mjs';

/** The fetch that a contender receives: the global one, or its stand-in. */
export function fetchFor(stub) {
  return stub === 'empty' ? emptyFetch : stub ? stubFetch : undefined;
}

/** The calls made with a fetch, the same for every contender based on fetch. */
export function fetchCalls(send, stub) {
  // The empty stub's only response has no body to read.
  const read = stub === 'empty' ? (response) => response.status : readAll;
  return {
    get: async (url) => read(await send(url)),
    upload: async (url, stream) => readAll(await send(url, { method: 'POST', body: stream, duplex: 'half' })),
    download: async (url) => drain(await send(url)),
  };
}

async function readAll(response) {
  await response.text();
  return response.status;
}

export async function drain(response) {
  for await (const _ of response.body);
  return response.status;
}

export const fetchBare = {
  name: 'fetch, bare',
  client: 'fetch',
  part: 'bare',
  token: 'none',
  open: async ({ stub }) => fetchCalls(fetchFor(stub) ?? fetch, stub),
};

/** Both headers written into every call by hand: the request that the others send, without a wrapper. */
export const fetchByHand = {
  name: 'fetch, both headers written into the call',
  client: 'fetch',
  part: 'by hand',
  token: 'given',
  async open({ stub, token }) {
    const send = fetchFor(stub) ?? fetch;
    return fetchCalls((url, init) => send(url, { ...init, headers: headersByHand(token) }), stub);
  },
};

export function headersByHand(token) {
  return { Authorization: `Bearer ${token}`, 'X-Request-ID': randomUUID() };
}

export const fetchStaticWithId = {
  name: 'fetch, static header and X-Request-ID',
  client: 'fetch',
  part: 'static+id',
  token: 'given',
  async open({ stub, token }) {
    const send = fetchFor(stub) ?? fetch;
    const withHeaders = (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('Authorization', `Bearer ${token}`);
      headers.set('X-Request-ID', randomUUID());
      return send(url, { ...init, headers });
    };
    return fetchCalls(withHeaders, stub);
  },
};
