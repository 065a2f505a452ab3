import type { AuthEvent } from '@open-banking-auth/core';

/** A listener, and the events it has received, by type. */
export function recordEvents() {
  const all: AuthEvent[] = [];
  return {
    all,
    onEvent: (event: AuthEvent) => void all.push(event),
    events: <T extends AuthEvent['type']>(type: T) =>
      all.filter((event): event is Extract<AuthEvent, { type: T }> => event.type === type),
  };
}
