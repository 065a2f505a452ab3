/** @jest-config-loader esbuild-register */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { Config } from 'jest';
import { packages } from './scripts/workspace.cjs';

const folders = ['examples', 'scripts', ...packages.map(({ folder }) => folder)].filter((folder) =>
  existsSync(`${__dirname}/${folder}/test`),
);
// `npm run test:built` runs the same tests against what is published.
const built = process.env.TEST_BUILT === 'true';
const entry = (name: string, file: string) =>
  built ? `${__dirname}/packages/${name}/dist/cjs/${file}.js` : `${__dirname}/packages/${name}/src/${file}.ts`;
const esmOnly = [
  ...[
    'ky',
    'ky1',
    'oauth4webapi',
    'p-limit',
    'yocto-queue',
    'rettime',
    'until-async',
    '@open-draft[+/]deferred-promise',
    '@nestjs[+/]axios',
    '@nestjs[+/]common',
  ],
  ...['https-proxy-agent', 'agent-base', 'proxy-agent-negotiate'],
].join('|');

const shared = {
  testEnvironment: `${__dirname}/scripts/test-environment.cjs`,
  transform: {
    '\\.m?[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:\\.pnpm/(?:${esmOnly})@|(?:${esmOnly})/))`],
  moduleNameMapper: {
    '^@open-banking-auth/test-kit/([\\w/-]+)$': `${__dirname}/packages/test-kit/src/$1.ts`,
    '^@open-banking-auth/(\\w+)$': entry('$1', 'index'),
    '^@open-banking-auth/(\\w+)/([\\w-]+)$': entry('$1', '$2'),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
} satisfies Config;

export default {
  // A machine that is busy with other things is no reason to fail.
  testTimeout: 30_000,
  // More than one for each core: some tests wait for other processes. Jest's default leaves a core idle.
  maxWorkers: availableParallelism() + 2,
  reporters: ['default', '<rootDir>/scripts/client-table.cjs', '<rootDir>/scripts/closing-line.cjs'],
  projects: folders.map((folder) => ({
    ...shared,
    displayName: basename(folder),
    rootDir: `${__dirname}/${folder}`,
    testMatch: ['<rootDir>/test/**/*.test.ts'],
  })),
} satisfies Config;
