// The main job, written with what every runtime has: a cold start, then expired tokens that are replaced, with one token
// request each time. It runs in the runtime under test, and the sandbox in another process counts the requests.

import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { installAuthRefresh } from '@open-banking-auth/axios/auth-refresh';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import axios from 'axios';
import ky from 'ky';

const PARALLEL = 20;

const viaAxios = (adapter, install) => (tokens) => {
  const api = axios.create({ adapter });
  install(api, tokens);
  return async (url, body) => {
    return (body === undefined ? await api.get(url) : await api.post(url, body)).status;
  };
};
const attach = (api, tokens) => api.interceptors.request.use(axiosAuth(tokens));

const clients = {
  fetch: (tokens) => {
    const fetch = openBankingFetch(tokens);
    return async (url, body) => (await fetch(url, body === undefined ? {} : { method: 'POST', body })).status;
  },
  'axios, http adapter': viaAxios('http', attach),
  'axios, fetch adapter': viaAxios('fetch', attach),
  'axios-auth-refresh': viaAxios('fetch', installAuthRefresh),
  ky: (tokens) => {
    const api = ky.extend(kyAuth(tokens));
    return async (url, body) => (await (body === undefined ? api(url) : api.post(url, { body }))).status;
  },
};

/** @returns `'ok'` or the error message for each client. */
export async function doMainJob(control, skipped = []) {
  const ask = async (path) => (await globalThis.fetch(control + path)).json();
  const { config, banks, echo } = await ask('/config');
  const outcomes = { 'it says': runtime() };
  for (const [name, over] of Object.entries(clients)) {
    outcomes[name] = skipped.includes(name) ? 'not there' : await outcomeOf(() => job(over));
  }
  return outcomes;

  async function job(over) {
    await ask('/reset');
    const send = over(createTokenSource(config));
    const storm = async () => {
      const statuses = await Promise.all(Array.from({ length: PARALLEL }, () => send(banks)));
      if (statuses.some((status) => status !== 200)) throw new Error('a request failed');
    };
    await storm();
    await counted({ tokenRequests: 1, unauthorized: 0 });
    await ask('/expire');
    await storm();
    await counted({ tokenRequests: 2, unauthorized: PARALLEL });
    await ask('/expire');
    if ((await send(echo, 'a body, sent again')) !== 200) throw new Error('a POST was not sent again after a 401');
    await counted({ tokenRequests: 3, unauthorized: PARALLEL + 1 });
    await redirected(over);
  }

  /** The token does not go along from an API to a token endpoint on its own origin. */
  async function redirected(over) {
    const gateway = { tokenUrl: `${control}/connect/token`, apiOrigins: [control] };
    const status = await over(createTokenSource({ ...config, ...gateway }))(`${control}/redirect`);
    const seen = await ask('/bearer-tokens');
    if (status !== 200 || String(seen) !== '/redirect') throw new Error(`a redirect: ${status}, token at ${seen}`);
  }

  async function counted(expected) {
    const stats = await ask('/stats');
    for (const [name, count] of Object.entries(expected)) {
      if (stats[name] !== count) throw new Error(`${name}: ${stats[name]} instead of ${count}`);
    }
  }
}

/** The runtime's own name and version, which proves that each row of the table ran on the runtime it names. */
function runtime() {
  const { Bun, Deno, navigator, process } = globalThis;
  if (Bun) return `Bun ${Bun.version}`;
  if (Deno) return `Deno ${Deno.version.deno}`;
  if (navigator?.userAgent === 'Cloudflare-Workers') return navigator.userAgent;
  return `Node.js ${process.versions.node}`;
}

async function outcomeOf(run) {
  try {
    await run();
    return 'ok';
  } catch (error) {
    return String(error?.message ?? error).split('\n')[0];
  }
}
