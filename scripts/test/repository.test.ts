import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { parse } from 'yaml';
import { packages, published, readJson, root } from '../workspace.cjs';

// Checks on the workflows, the lockfile and the lint rules that no tool makes.

const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly environment?: string;
  readonly steps: readonly Step[];
}

const workflows = readdirSync(`${root}/.github/workflows`).map((name) => {
  const text = read(`.github/workflows/${name}`);
  const { on, permissions, jobs } = parse(text);
  return { name, text, on, permissions, jobs: Object.entries<Job>(jobs) };
});
const jobs = workflows.flatMap(({ name, jobs }) => jobs.map(([id, job]) => ({ id: `${name}: ${id}`, job })));

test('there is one workflow for changes and one for releases', () => {
  expect(workflows.map(({ name }) => name)).toEqual(['ci.yml', 'release.yml']);
});

test.each(workflows)('$name grants no permissions outside its jobs', ({ permissions }) => {
  expect(permissions).toEqual({});
});

test.each(jobs)('$id has a time limit and no more permissions than it needs', ({ job }) => {
  expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
  for (const [right, access] of Object.entries(job.permissions ?? { none: 'given' })) {
    const least = right === 'contents' ? ['read', 'write'] : right === 'id-token' ? ['write'] : [];
    expect(least).toContain(access);
  }
});

test('a job that may write or publish installs nothing and runs no npm script', () => {
  const privileged = jobs.filter(({ job }) => Object.values(job.permissions ?? {}).includes('write'));
  expect(privileged.map(({ id }) => id)).toEqual(['release.yml: publish', 'release.yml: tag']);
  for (const { job } of privileged)
    for (const { run = '' } of job.steps) expect(run).not.toMatch(/\b(?:npm (?:ci|install|run|test)|npx|pnpm)\b/);
});

test('every action is pinned to a full commit, with its version in a comment', () => {
  const uses = workflows.flatMap(({ text }) => text.match(/uses:.*/g) ?? []);
  expect(uses.length).toBeGreaterThanOrEqual(8);
  for (const line of uses) expect(line).toMatch(/^uses: [\w./-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
  const commits = new Map<string, Set<string>>();
  for (const line of uses) {
    const [, action = '', commit = ''] = /uses: ([\w./-]+)@(\S+ # \S+)/.exec(line) ?? [];
    commits.set(action, (commits.get(action) ?? new Set()).add(commit));
  }
  for (const [action, versions] of commits) expect([action, versions.size]).toEqual([action, 1]);
});

test('no text from a contributor reaches a shell, and no workflow of a pull request has write access', () => {
  for (const { text, on } of workflows) {
    expect(Object.keys(on)).not.toContain('pull_request_target');
    expect(text).not.toMatch(/run:.*\$\{\{/);
  }
  for (const { job } of jobs)
    for (const { uses, run = '', with: inputs } of job.steps) {
      expect(run).not.toContain('${{');
      if (uses?.startsWith('actions/checkout@')) expect(inputs?.['persist-credentials']).toBe(false);
    }
});

test('the oldest Node.js that the packages support is tested, to the minor version', () => {
  const supported = new Set<string>(published.map(({ manifest }) => manifest.engines.node));
  expect(supported.size).toBe(1);
  const [oldest = 'none'] = /\d+\.\d+/.exec([...supported].join()) ?? [];
  expect(readJson('package.json').engines.node).toBe(`>=${oldest}`);
  const { jobs } = parse(read('.github/workflows/ci.yml'));
  expect(jobs.test.strategy.matrix.node).toContain(oldest);
});

test('every binary for Linux is in the lockfile for macOS and Windows too', () => {
  const packages = Object.keys(parse(read('pnpm-lock.yaml')).packages);
  const linux = packages.filter((name) => /linux-x64(?:-(?:gnu|glibc))?@/.test(name));
  expect(linux.length).toBeGreaterThan(4);
  for (const name of linux) {
    const [family = '', version] = name.split(/[/-]linux-x64[\w-]*@/);
    for (const system of ['darwin-arm64', 'win32-x64']) {
      const siblings = packages.filter((other) => other.startsWith(family) && other.includes(`${system}`));
      expect([name, siblings.some((other) => other.endsWith(`@${version}`))]).toEqual([name, true]);
    }
  }
});

test('a clone has line feeds everywhere, whatever git is set to: formatter and tests compare bytes', () => {
  const { stdout } = spawnSync('git', ['ls-files', '--eol'], { cwd: root, encoding: 'utf8' });
  const files = stdout.split('\n').filter((line) => line !== '');
  expect(files.length).toBeGreaterThan(100);
  const unsafe = files.filter((line) => !/^i\/(?:lf|none|-text)\s.*\sattr\/text=auto eol=lf\s/.test(line));
  expect(unsafe).toEqual([]);
});

test('new versions wait a week before they are proposed', () => {
  expect(readJson('renovate.json')).toMatchObject({
    minimumReleaseAge: '7 days',
    internalChecksFilter: 'strict',
  });
});

describe('the linter enforces the layout', () => {
  const broken: readonly (readonly [file: string, code: string, found: string])[] = [
    ['core/src/a.ts', "import ky from 'ky';\nexport default ky;", 'Core knows no client'],
    ['core/src/b.ts', "import type { AxiosInstance } from 'axios';\nexport type It = AxiosInstance;", 'Core knows no'],
    ['core/src/c.ts', "export { createClient } from 'redis';", 'Core knows no client'],
    ['core/src/d.ts', "export * from '@open-banking-auth/sandbox';", 'Core knows no client'],
    [
      'core/src/web/a.ts',
      "export { parseConfig } from '../config/settings.js';",
      'No room of core imports one above it',
    ],
    ['core/src/config/a.ts', "export { getSecret } from '../grant/client-secret.js';", 'No room of core'],
    ['core/src/grant/a.ts', "export type { Seal } from '../store/sealing.js';", 'No room of core'],
    [
      'core/src/store/a.ts',
      "import { ScopedToken } from '../token/scoped-token.js';\nexport const it = ScopedToken;",
      'No room of core',
    ],
    ['core/src/token/a.ts', "export type { BearerAuth } from '../bearer/bearer-auth.js';", 'No room of core'],
    [
      'core/src/bearer/a.ts',
      "export { clientCertificate } from '../certificate/client-certificate.js';",
      'No room of core',
    ],
    ['core/src/certificate/a.ts', "export { parseConfig } from '../config/settings.js';", 'No room of core'],
    ['core/src/token/b.ts', "export { createTokenSource } from '../token-source.js';", 'No room of core'],
    ['core/src/grant/b.ts', "export const it = import('../fetch.js');", 'No room of core'],
    ['core/src/e.ts', 'export const now = Date.now();', "Time is the clock's"],
    ['core/src/f.ts', 'export const now = new Date();', "Time is the clock's"],
    ['core/src/g.ts', 'export const now = performance.now();', 'global variable performance'],
    ['core/src/h.ts', 'export const timer = setTimeout(() => {}, 1);', 'global variable setTimeout'],
    ['core/src/i.ts', 'export const timer = globalThis.setTimeout(() => {}, 1);', "Time is the clock's"],
    ['core/src/j.ts', 'export const signal = AbortSignal.timeout(1);', "Time is the clock's"],
    ['core/src/o.ts', 'export const letters = /^\\p{L}+$/u;', 'slow down the start of a program'],
    ...packages.map(({ folder }) => [`${basename(folder)}/src/k.ts`, 'console.log(1);', 'console'] as const),
  ];
  const right: readonly (readonly [file: string, code: string])[] = [
    ['core/src/l.ts', "export const at: Date[] = [new Date(5), new Date(Date.parse('2026-01-01'))];"],
    ['core/src/clock.ts', 'export const now = Date.now() + performance.now();'],
    ['core/src/bearer/b.ts', "export type { ScopedToken } from '../token/scoped-token.js';"],
    [
      'core/src/store/b.ts',
      "export { parseConfig } from '../config/settings.js';\nexport { policy } from '../policy.js';",
    ],
    ['core/src/p.ts', "export const letters = /^[a-z]+$/;\nexport const all = () => new RegExp('^\\\\p{L}+$', 'u');"],
    ['core/src/n.ts', "export { ScopedToken } from './token/scoped-token.js';"],
    ['axios/src/m.ts', "import axios from 'axios';\nexport const now = [axios, Date.now()];"],
  ];
  const reports: string[] = [];

  beforeAll(() => {
    const folder = mkdtempSync(`${tmpdir()}/layout-`);
    for (const file of ['biome.json', '.gitignore', 'scripts/lint']) {
      cpSync(`${root}/${file}`, `${folder}/${file}`, { recursive: true });
    }
    for (const [file, code] of [...broken, ...right]) {
      mkdirSync(dirname(`${folder}/packages/${file}`), { recursive: true });
      writeFileSync(`${folder}/packages/${file}`, `${code}\n`);
    }
    const biome = `${root}/node_modules/@biomejs/biome/bin/biome`;
    const args = [biome, 'lint', '--reporter=github', '--max-diagnostics=none', 'packages'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    reports.push(...stdout.split('\n').filter((line) => line.startsWith('::error')));
    rmSync(folder, { recursive: true });
  });

  const of = (file: string) => reports.filter((line) => line.includes(`/packages/${file},`)).join('\n');

  test.each(broken)('%s: %s', (file, _code, found) => {
    expect(of(file)).toContain(found);
  });

  test.each(right)('%s is fine: %s', (file) => {
    expect(of(file)).toBe('');
  });
});
