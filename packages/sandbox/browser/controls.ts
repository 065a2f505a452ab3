import type { Button } from '../src/page/page-record.js';
import { byId, element } from './elements.js';

/** The buttons for faults. A switch is shown as the server says, not as it was pressed. */
export class Controls {
  readonly #switches = new Map<string, HTMLButtonElement>();

  show(buttons: readonly Button[]): void {
    const section = byId('controls', HTMLElement);
    section.hidden = buttons.length === 0;
    const focused = document.activeElement?.id;
    this.#switches.clear();
    const groups = [...new Set(buttons.map(({ group }) => group))];
    byId('buttons', HTMLDivElement).replaceChildren(
      ...groups.map((group) => {
        const set = element('fieldset');
        set.append(element('legend', group));
        for (const button of buttons) if (button.group === group) set.append(this.#create(button));
        return set;
      }),
    );
    if (focused?.startsWith('button-')) document.getElementById(focused)?.focus();
  }

  setPressed(id: string, pressed: boolean): void {
    this.#switches.get(id)?.setAttribute('aria-pressed', String(pressed));
  }

  #create({ id, label, switches }: Button): HTMLElement {
    const created = document.createElement('button');
    created.type = 'button';
    created.id = `button-${id}`;
    created.textContent = label;
    if (switches) {
      created.setAttribute('aria-pressed', 'false');
      this.#switches.set(id, created);
    }
    created.addEventListener('click', () => void press(id, created.getAttribute('aria-pressed') !== 'true', label));
    return created;
  }
}

async function press(id: string, on: boolean, label: string): Promise<void> {
  const status = byId('press-status', HTMLParagraphElement);
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, on }),
    signal: AbortSignal.timeout(5_000),
  };
  const failure = await fetch('press', init).then(
    (response) => (response.ok ? undefined : `the sandbox refused it (HTTP ${response.status})`),
    () => 'the sandbox does not respond. Is it still running?',
  );
  status.textContent = failure === undefined ? '' : `“${label}” had no effect: ${failure}`;
}
