import type { AuthEvent } from '@open-banking-auth/core';

/** A listener, and what it heard by type. */
export function recordEvents() {
  const all: AuthEvent[] = [];
  return {
    all,
    onEvent: (event: AuthEvent) => void all.push(event),
    events: <T extends AuthEvent['type']>(type: T) =>
      all.filter((event): event is Extract<AuthEvent, { type: T }> => event.type === type),
  };
}
