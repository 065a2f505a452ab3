import type { Dispatcher } from 'undici';

// Tests under Jest have a global object of their own; the built-in fetch looks at Node's, and Buffer comes from there.
const node: object = Buffer.constructor('return globalThis')();
const names = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));

/** From now on the built-in `fetch` sends by this dispatcher. Returns what puts the former one back. */
export function replaceDispatcher(dispatcher: Dispatcher): () => void {
  const former = names.map((name): unknown => Reflect.get(node, name));
  for (const name of names) Reflect.set(node, name, dispatcher);
  return () => {
    names.forEach((name, index) => void Reflect.set(node, name, former[index]));
  };
}
