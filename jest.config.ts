/** @jest-config-loader esbuild-register */
import { readdirSync } from 'node:fs';
import type { Config } from 'jest';

const packages = readdirSync(`${__dirname}/packages`);
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
    '^@open-banking-auth/(\\w+)$': '<rootDir>/../../packages/$1/src/index.ts',
    '^@open-banking-auth/(\\w+)/(\\w+)$': '<rootDir>/../../packages/$1/src/$2.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
} satisfies Config;

export default {
  reporters: ['default', '<rootDir>/scripts/closing-line.cjs'],
  projects: packages.map((name) => ({
    ...shared,
    displayName: name,
    rootDir: `${__dirname}/packages/${name}`,
    testMatch: ['<rootDir>/test/**/*.test.ts'],
  })),
} satisfies Config;
