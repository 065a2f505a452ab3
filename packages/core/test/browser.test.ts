import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Chromium } from '@open-banking-auth/test-kit/chromium';
import { commandOf, describeWith } from '@open-banking-auth/test-kit/programs';
import { CONFIG } from '@open-banking-auth/test-kit/token-endpoint';
import { build } from 'esbuild';

// The guard in a browser as people have it: a page, its workers, its service worker.
const chromium = commandOf('chromium');

const ATTEMPT = `
import { createTokenSource, isOpenBankingAuthError } from '${join(__dirname, '../src/index.ts')}';
const config = ${JSON.stringify(CONFIG)};
export function attempt(more) {
  try {
    createTokenSource({ ...config, ...more });
    return 'started';
  } catch (error) {
    return isOpenBankingAuthError(error) ? error.code + ': ' + error.message : 'unexpected: ' + error;
  }
}
`;
const PAGE = `${ATTEMPT}
const inWorker = (worker) => new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data); });
const told = { page: attempt({}), allowed: attempt({ dangerouslyAllowBrowser: true }) };
told.worker = await inWorker(new Worker('/worker.js'));
told.moduleWorker = await inWorker(new Worker('/worker.js', { type: 'module' }));
const registration = await navigator.serviceWorker.register('/worker.js');
const service = registration.installing ?? registration.waiting ?? registration.active;
told.serviceWorker = await new Promise((resolve) => {
  navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
  navigator.serviceWorker.startMessages();
  service.postMessage('attempt');
});
await fetch('/told', { method: 'POST', body: JSON.stringify(told) });
`;
const WORKER = `${ATTEMPT}
if ('clients' in self) self.onmessage = ({ source }) => source.postMessage(attempt({}));
else self.postMessage(attempt({}));
`;

async function bundle(contents: string, format: 'esm' | 'iife'): Promise<string> {
  const stdin = { contents, resolveDir: __dirname, loader: 'ts' } as const;
  const { outputFiles } = await build({ stdin, bundle: true, format, platform: 'browser', write: false });
  return outputFiles[0]?.text ?? '';
}

describeWith('chromium', chromium !== undefined, 'in Chromium', () => {
  let server: Server;
  let browser: Chromium;
  let told: Record<string, string>;

  beforeAll(async () => {
    const files: Record<string, string> = {
      '/page.js': await bundle(PAGE, 'esm'),
      '/worker.js': await bundle(WORKER, 'iife'),
      '/': '<!doctype html><script type="module" src="/page.js"></script>',
    };
    const answered = new Promise<string>((resolve) => {
      server = createServer(async (request, response) => {
        if (request.method === 'POST') resolve(await text(request));
        const type = request.url?.endsWith('.js') ? 'text/javascript' : 'text/html';
        response.writeHead(200, { 'content-type': type }).end(files[request.url ?? '']);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    browser = await Chromium.start(chromium ?? '');
    await browser.open(`http://127.0.0.1:${port}/`);
    told = JSON.parse(await answered);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  });

  test.each(['page', 'worker', 'moduleWorker', 'serviceWorker'])(
    'a %s is refused, with the reason, and a word on Jest',
    (where) => {
      expect(told[where]).toMatch(
        /^invalid_config: This looks like a browser, where anybody can read the client secret/,
      );
      expect(told[where]).toMatch(/Jest.*jsdom/);
    },
  );

  test('dangerouslyAllowBrowser: true lets it start', () => {
    expect(told.allowed).toBe('started');
  });
});

describe('environments that resemble a browser', () => {
  const globals = (members: Record<string, unknown>) => {
    const before = new Map(
      Object.keys(members).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
    );
    for (const [name, value] of Object.entries(members)) {
      Object.defineProperty(globalThis, name, { value, configurable: true });
    }
    return () => {
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else Reflect.deleteProperty(globalThis, name);
      }
    };
  };
  const started = async (members: Record<string, unknown>) => {
    const restore = globals(members);
    try {
      const { createTokenSource } = await import('@open-banking-auth/core');
      createTokenSource(CONFIG);
      return true;
    } catch {
      return false;
    } finally {
      restore();
    }
  };

  test.each<[string, Record<string, unknown>]>([
    ['Cloudflare Workers', { WorkerGlobalScope: class {}, navigator: { userAgent: 'Cloudflare-Workers' } }],
    ['a worker of Deno', { WorkerGlobalScope: class {}, navigator: { userAgent: 'Deno/2.5.0' } }],
    ['Bun', { WorkerGlobalScope: class {}, navigator: { userAgent: 'Bun/1.3.0' } }],
    ['an edge runtime without a navigator', { WorkerGlobalScope: class {}, navigator: undefined }],
    ['Deno 1, which has a window', { window: globalThis }],
    ['a server that renders with a document of its own', { document: {} }],
  ])('%s is allowed', async (_, members) => {
    expect(await started(members)).toBe(true);
  });

  test.each<[string, Record<string, unknown>]>([
    ['jsdom', { window: globalThis, document: {} }],
    ["a browser's worker", { WorkerGlobalScope: class {}, navigator: { userAgent: 'Mozilla/5.0 (X11)' } }],
  ])('%s is not allowed', async (_, members) => {
    expect(await started(members)).toBe(false);
  });
});
