import type { Dispatcher } from 'undici';

const names = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));

/** From now on the built-in `fetch` sends by this dispatcher. Returns what puts the former one back. */
export function replaceDispatcher(dispatcher: Dispatcher): () => void {
  // Tests under Jest have a global object of their own; the built-in fetch looks at Node's, where it comes from.
  const node: object = fetch.constructor('return globalThis')();
  const former = names.map((name): unknown => Reflect.get(node, name));
  for (const name of names) Reflect.set(node, name, dispatcher);
  return () => {
    names.forEach((name, index) => void Reflect.set(node, name, former[index]));
  };
}
