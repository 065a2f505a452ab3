import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Message = Readonly<Record<string, unknown>>;

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Chromium with one page, spoken to over a pipe in the DevTools protocol: no port, no dependency. */
export class Chromium {
  /** The errors that the page has reported: exceptions, and what its Content-Security-Policy has blocked. */
  readonly problems: string[] = [];
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #pending = new Map<number, (reply: Reply) => void>();
  readonly #listeners = new Map<string, (params: unknown) => void>();
  #session: string | undefined;
  #lastId = 0;

  private constructor(command: string) {
    this.#profile = mkdtempSync(join(tmpdir(), 'chromium-'));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
    this.#child = spawn(
      command,
      [...flags, ...quiet, '--remote-debugging-pipe', `--user-data-dir=${this.#profile}`, 'about:blank'],
      // A group of its own: its helper processes would otherwise write into the profile while it is removed.
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
    );
    let unread = '';
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
      const [...messages] = (unread + text).split('\0');
      unread = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message));
    });
  }

  static async start(command: string): Promise<Chromium> {
    const browser = new Chromium(command);
    const { targetInfos } = await browser.send('Target.getTargets');
    const pages = targetInfos as { type: string; targetId: string }[];
    const targetId = pages.find(({ type }) => type === 'page')?.targetId;
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = String(sessionId);
    browser.on('Runtime.exceptionThrown', (thrown) => browser.problems.push(JSON.stringify(thrown)));
    browser.on('Log.entryAdded', (logged) => {
      const { entry } = logged as { entry: { level: string; source: string; text: string } };
      // A server that is gone is part of some tests.
      if (entry.level === 'error' && entry.source !== 'network') browser.problems.push(entry.text);
    });
    for (const domain of ['Page', 'Runtime', 'Log']) await browser.send(`${domain}.enable`);
    return browser;
  }

  /** One command of the protocol. */
  send(method: string, params: Message = {}): Promise<Record<string, unknown>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const sessionId = this.#session;
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
    });
  }

  on(method: string, listener: (params: unknown) => void): void {
    this.#listeners.set(method, listener);
  }

  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.on('Page.loadEventFired', () => resolve()));
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** The value of an expression in the page; a promise is waited for. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const given = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', given);
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: Value }).value;
  }

  /** Waits, frame by frame, until an expression in the page is true. */
  async until(expression: string): Promise<void> {
    await this.evaluate(
      `new Promise((resolve) => { const look = () => (${expression}) ? resolve() : setTimeout(look, 20); look(); })`,
    );
  }

  /** The size of the window, and what the visitor prefers. */
  async show(width: number, height: number, scheme: 'light' | 'dark' = 'light', motion = 'no-preference') {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    const features = [
      { name: 'prefers-color-scheme', value: scheme },
      { name: 'prefers-reduced-motion', value: motion },
    ];
    await this.send('Emulation.setEmulatedMedia', { features });
  }

  async press(key: string, code: string, shift = false): Promise<void> {
    for (const type of ['keyDown', 'keyUp'])
      await this.send('Input.dispatchKeyEvent', { type, key, code, modifiers: shift ? 8 : 0 });
  }

  async picture(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(String(data), 'base64');
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit');
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    await exited;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20 });
  }

  #receive(reply: Reply): void {
    if (reply.id !== undefined) {
      this.#pending.get(reply.id)?.(reply);
      this.#pending.delete(reply.id);
    } else this.#listeners.get(reply.method ?? '')?.(reply.params);
  }
}
