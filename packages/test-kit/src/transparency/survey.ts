import { stripVTControlCharacters } from 'node:util';

/** What changed, in the first lines of a difference: those that have them in common are printed as one. */
const LINES = 8;

/** Prints all differences at once, with the shortest plan for each, in place of the first one made small. */
export async function survey<Plan>(plans: readonly Plan[], check: (plan: Plan) => Promise<void>): Promise<void> {
  const differences = new Map<string, { count: number; plan: string }>();
  for (const plan of plans) {
    try {
      await check(plan);
    } catch (error) {
      const changed = stripVTControlCharacters(String(error))
        .split('\n')
        .filter((line) => /^[-+] {2,}|^Error: [^e]|^[-+] +"with": "[nrt]/.test(line));
      const key = changed
        .map((line) => line.slice(0, 90))
        .slice(0, LINES)
        .join('\n');
      const known = differences.get(key) ?? { count: 0, plan: JSON.stringify(plan) };
      known.count++;
      if (JSON.stringify(plan).length < known.plan.length) known.plan = JSON.stringify(plan);
      differences.set(key, known);
    }
  }
  for (const [key, { count, plan }] of [...differences].sort(([, a], [, b]) => b.count - a.count))
    process.stdout.write(`${count} x ${plan}\n${key}\n\n`);
}
