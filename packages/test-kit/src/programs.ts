import { spawnSync } from 'node:child_process';

const COMMANDS = {
  'redis-server': ['redis-server'],
  chromium: [process.env.CHROMIUM_PATH ?? '', 'chromium', 'chromium-browser', 'google-chrome'],
} as const;

/** What some tests run on that is not a package of npm. */
export type Program = keyof typeof COMMANDS;

/** The command that starts it on this machine, if there is one. */
export function commandOf(program: Program): string | undefined {
  return COMMANDS[program].find((command) => command !== '' && spawnSync(command, ['--version']).status === 0);
}

/** `describe`, or where the program is missing `describe.skip`. The last lines of `npm test` say what to install. */
export function describeWith(program: Program, available: boolean, name: string, run: () => void): void {
  if (available) describe(name, run);
  else describe.skip(needing(name, program), run);
}

/** As {@link describeWith}, for one test. */
export function testWith(program: Program, available: boolean, name: string, run: () => Promise<void>): void {
  if (available) test(name, run);
  else test.skip(needing(name, program), run);
}

/** The name of a test that is skipped: `scripts/closing-line.cjs` reads it. */
export function needing(name: string, program: Program): string {
  return `${name} [needs ${program}]`;
}
