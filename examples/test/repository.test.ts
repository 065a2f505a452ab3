import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

// What no tool checks of the files that keep this repository: workflows, the lockfile.

const root = resolve(__dirname, '../..');
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

test('there are workflows for each change and for releases', () => {
  expect(workflows.map(({ name }) => name)).toEqual(['ci.yml', 'release.yml']);
});

test.each(workflows)('$name gives no rights but those that a job names', ({ permissions }) => {
  expect(permissions).toEqual({});
});

test.each(jobs)('$id has the least rights and an end', ({ job }) => {
  expect(job['timeout-minutes']).toBeLessThanOrEqual(30);
  for (const [right, access] of Object.entries(job.permissions ?? { none: 'given' })) {
    const least = right === 'contents' ? ['read', 'write'] : right === 'id-token' ? ['write'] : [];
    expect(least).toContain(access);
  }
});

test('a job that may write or publish installs nothing, and has not run what it publishes', () => {
  const mighty = jobs.filter(({ job }) => Object.values(job.permissions ?? {}).includes('write'));
  expect(mighty.map(({ id }) => id)).toEqual(['release.yml: publish', 'release.yml: tag']);
  for (const { job } of mighty)
    for (const { run = '' } of job.steps) expect(run).not.toMatch(/\b(?:npm (?:ci|install|run|test)|npx|pnpm)\b/);
});

test('every action is fixed by its full commit, with the version beside it', () => {
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

test('what a contributor writes reaches no shell and no rights', () => {
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

test('the oldest Node that is promised is tested, to the minor version', () => {
  const { engines } = JSON.parse(read('package.json'));
  const oldest = engines.node.replace('>=', '');
  for (const folder of readdirSync(`${root}/packages`))
    expect(JSON.parse(read(`packages/${folder}/package.json`)).engines).toEqual(engines);
  const { jobs } = parse(read('.github/workflows/ci.yml'));
  expect(jobs.test.strategy.matrix.node).toContain(oldest);
});

test('what is built for Linux is in the lockfile for macOS and Windows too', () => {
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

test('new versions wait a week before they are proposed', () => {
  expect(JSON.parse(read('renovate.json'))).toMatchObject({
    minimumReleaseAge: '7 days',
    internalChecksFilter: 'strict',
  });
});
