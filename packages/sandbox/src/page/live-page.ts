import type { Sandbox } from '../sandbox.js';
import type { SandboxState } from '../sandbox-state.js';
import { Buttons } from './buttons.js';
import { type PageServer, servePage } from './page-server.js';

/** Serves the page of a sandbox, if it is to have one. */
export async function openPage(sandbox: Sandbox, state: SandboxState): Promise<PageServer | undefined> {
  const { page, faults } = state;
  if (!page) return undefined;
  const buttons = new Buttons(sandbox);
  page.shapeChanged(state.unauthorizedShape);
  faults.onChange = (fault, on) => page.faultChanged(fault, on, buttons.pressing);
  return servePage({
    history: page.history,
    beginning: () => ({ mode: 'live', title: 'Local sandbox', buttons: buttons.list }),
    press: (id, on) => buttons.press(id, on),
  });
}
