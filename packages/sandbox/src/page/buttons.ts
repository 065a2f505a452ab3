import type { SandboxFault } from '../faults/fault.js';
import type { UnauthorizedShape } from '../hosts/unauthorized.js';
import type { Sandbox } from '../sandbox.js';
import type { Button } from './page-record.js';

type Actions = Pick<Sandbox, 'revokeTokens' | 'expireTokens' | 'unauthorizedShape' | 'fault'>;

const FAULTS: Readonly<Record<string, readonly [label: string, fault: SandboxFault]>> = {
  'token-slow': ['slow, 2 s', { at: 'token', kind: 'slow', delayMs: 2_000 }],
  'token-hang': ['hangs', { at: 'token', kind: 'hang' }],
  'token-503': ['503', { at: 'token', kind: 'status', status: 503 }],
  'token-503-later': [
    '503, Retry-After 10 s',
    { at: 'token', kind: 'status', status: 503, headers: { 'Retry-After': '10' } },
  ],
  'token-html': ['HTML page', { at: 'token', kind: 'html' }],
  'token-reset': ['reset', { at: 'token', kind: 'reset' }],
  'token-secret': ['wrong secret', { at: 'token', kind: 'wrong-secret' }],
  'api-slow': ['slow, 2 s', { at: 'api', kind: 'slow', delayMs: 2_000 }],
  'api-hang': ['hangs', { at: 'api', kind: 'hang' }],
  'api-503': ['503', { at: 'api', kind: 'status', status: 503 }],
  'api-503-later': [
    '503, Retry-After 10 s',
    { at: 'api', kind: 'status', status: 503, headers: { 'Retry-After': '10' } },
  ],
  'api-html': ['HTML page', { at: 'api', kind: 'html' }],
  'api-reset': ['reset', { at: 'api', kind: 'reset' }],
  'api-401': ['401, no reason', { at: 'api', kind: 'unauthorized' }],
  'api-401-token': ['401 TOKEN_INVALID', { at: 'api', kind: 'unauthorized', code: 'TOKEN_INVALID' }],
  'api-401-consent': ['401 CONSENT_EXPIRED', { at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' }],
};

const SHAPES: Readonly<Record<string, UnauthorizedShape>> = {
  'shape-problem': 'problem',
  'shape-array': 'array',
  'shape-challenge': 'challenge',
};

const GROUPS = { token: 'Token host', api: 'API', shape: 'Shape of a 401' } as const;

const groupOf = (id: string) => GROUPS[id.split('-', 1)[0] as keyof typeof GROUPS];

const BUTTONS: readonly Button[] = [
  { id: 'revoke', group: 'Tokens', label: 'Revoke', switches: false },
  { id: 'expire', group: 'Tokens', label: 'Expire', switches: false },
  ...Object.entries(FAULTS).map(([id, [label]]) => ({ id, group: groupOf(id), label, switches: true })),
  ...Object.entries(SHAPES).map(([id, shape]) => ({ id, group: groupOf(id), label: shape, switches: true })),
];

/** What the buttons of a live page do. */
export class Buttons {
  readonly list = BUTTONS;
  /** The button that is switching a fault on at the moment, for the record of it. */
  pressing: string | undefined;
  readonly #actions: Actions;
  readonly #undo = new Map<string, () => void>();

  constructor(actions: Actions) {
    this.#actions = actions;
  }

  /** Presses a button, or with `on` false switches it off. Returns false if there is no such button. */
  press(id: string, on: boolean): boolean {
    if (!BUTTONS.some((button) => button.id === id)) return false;
    const fault = Object.hasOwn(FAULTS, id) ? FAULTS[id]?.[1] : undefined;
    if (id === 'revoke') this.#actions.revokeTokens();
    else if (id === 'expire') this.#actions.expireTokens();
    else if (fault) this.#switch(id, fault, on);
    else this.#actions.unauthorizedShape = on ? (SHAPES[id] ?? 'tpp') : 'tpp';
    return true;
  }

  #switch(id: string, fault: SandboxFault, on: boolean): void {
    this.#undo.get(id)?.();
    this.#undo.delete(id);
    if (!on) return;
    this.pressing = id;
    try {
      this.#undo.set(id, this.#actions.fault(fault));
    } finally {
      this.pressing = undefined;
    }
  }
}
