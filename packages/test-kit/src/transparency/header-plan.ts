import fc from 'fast-check';

/** Headers as the caller writes them, in one of the forms that clients take. */
export interface HeaderPlan {
  readonly entries: readonly (readonly [name: string, value: string])[];
  readonly form: 'absent' | 'object' | 'pairs' | 'Headers';
}

export const NO_HEADERS: HeaderPlan = { entries: [], form: 'absent' };

/** X-Request-ID values of callers begin with this; ours do not. */
export const OWN_REQUEST_ID = 'own-';

const NAMES = [
  ...['PSU-IP-Address', 'psu-ip-address', 'X-BicFi', 'x-ODD-cAsE', 'Accept', 'ACCEPT', 'accept-language', 'User-Agent'],
  ...['X-Request-ID', 'x-request-id', 'Authorization', 'authorization', 'Content-Type', 'content-type', 'Cookie', 'a'],
];

export const headerPlans: fc.Arbitrary<HeaderPlan> = fc.record({
  entries: fc.array(
    fc
      .tuple(fc.constantFrom(...NAMES), fc.constantFrom('1', 'text/plain', 'ü', 'a, b', ' padded ', ''))
      .map(([name, value]): [string, string] => [name, /^x-request-id$/i.test(name) ? `${OWN_REQUEST_ID}id` : value]),
    { maxLength: 4 },
  ),
  form: fc.constantFrom<HeaderPlan['form']>('absent', 'object', 'object', 'pairs', 'Headers'),
});

export function headersOf({ entries, form }: HeaderPlan): unknown {
  if (form === 'absent') return undefined;
  if (form === 'pairs') return entries.map((entry) => [...entry]);
  const object = Object.fromEntries(entries);
  return form === 'object' ? object : new Headers(object);
}
