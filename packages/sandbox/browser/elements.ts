/** The element of the page with this id. */
export function byId<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`#${id} is missing`);
  return element;
}

/** An element with text: always text, never HTML. */
export function element(name: string, text = '', attributes: Readonly<Record<string, string>> = {}): HTMLElement {
  const created = document.createElement(name);
  created.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, value);
  return created;
}

type Attributes = Readonly<Record<string, string | number>>;

export function svg(name: string, attributes: Attributes, text = ''): SVGElement {
  const created = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, String(value));
  if (text !== '') created.textContent = text;
  return created;
}
