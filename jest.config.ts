/** @jest-config-loader esbuild-register */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config } from 'jest';

const folders = ['examples', ...readdirSync(`${__dirname}/packages`).map((name) => `packages/${name}`)];
const esmOnly = 'ky|ky1|oauth4webapi';

const shared = {
  testEnvironment: 'node',
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:\\.pnpm/(?:${esmOnly})@|(?:${esmOnly})/))`],
  moduleNameMapper: {
    '^@open-banking-auth/(\\w+)$': `${__dirname}/packages/$1/src/index.ts`,
    '^@open-banking-auth/(\\w+)/(\\w+)$': `${__dirname}/packages/$1/src/$2.ts`,
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
} satisfies Config;

export default {
  reporters: ['default', '<rootDir>/scripts/closing-line.cjs'],
  projects: folders.map((folder) => ({
    ...shared,
    displayName: basename(folder),
    rootDir: `${__dirname}/${folder}`,
    testMatch: ['<rootDir>/test/**/*.test.ts'],
  })),
} satisfies Config;
