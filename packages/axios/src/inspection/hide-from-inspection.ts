const inspect = Symbol.for('nodejs.util.inspect.custom');

/** Keeps an object from being printed: it shows only its kind, and so does JSON. It stays usable. */
export function hideFromInspection(holder: object): void {
  if (Object.hasOwn(holder, inspect) || !Object.isExtensible(holder)) return;
  Object.defineProperty(holder, inspect, hidden);
  Object.defineProperty(holder, 'toJSON', hidden);
}

/** Keeps a member from what walks through enumerable members. It can still be read and set. @returns whether it is hidden. */
export function hideMember(holder: object, name: string | symbol): boolean {
  // Asked first: it is cheap, and changing it is not.
  return !isShown(holder, name) || Reflect.defineProperty(holder, name, notEnumerable);
}

export function showMember(holder: object, name: string): void {
  Reflect.defineProperty(holder, name, { enumerable: true });
}

export function isShown(holder: object, name: string | symbol): boolean {
  return isEnumerable.call(holder, name);
}

/** Hides an object of others, and one of its members from those who do not ask. @returns a function that shows it again. */
export function hideTemporarily(holder: object, member: string): () => void {
  hideMember(holder, member);
  if (Object.hasOwn(holder, inspect)) return () => {};
  Object.defineProperty(holder, inspect, { value: placeholder, configurable: true });
  return () => void Reflect.deleteProperty(holder, inspect);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const isEnumerable = Object.prototype.propertyIsEnumerable;
// One of each for all requests: every request passes here.
const hidden: PropertyDescriptor = { value: placeholder };
const notEnumerable: PropertyDescriptor = { enumerable: false };

function placeholder(this: object): string {
  return `[${this.constructor?.name ?? 'Request'}: not shown, it holds the access token]`;
}
