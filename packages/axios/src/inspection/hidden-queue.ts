import { hideMember, isShown, showMember } from './hide-from-inspection.js';

export interface QueueingAgent {
  /** Those that wait for a socket, by origin. */
  readonly requests?: Readonly<Record<string, readonly unknown[]>>;
}

interface QueuedRequest {
  once(event: 'close', listener: () => void): unknown;
}

/** How many requests that were put into a hidden queue are not over. */
const underWay = new WeakMap<QueueingAgent, number>();
const leaving = new WeakMap<object, () => void>();

/** Whether an agent has just put a request into its queue. */
export function isQueued({ requests }: QueueingAgent, request: object): boolean {
  for (const name in requests) if (requests[name]?.at(-1) === request) return true;
  return false;
}

/** Hides the queue of an agent until this request, and all others that were put there, are over. @returns whether it is hidden. */
export function hideQueue(agent: QueueingAgent, request: QueuedRequest): boolean {
  const others = underWay.get(agent) ?? 0;
  if (others === 0 && !isShown(agent, 'requests')) return true;
  if (!hideMember(agent, 'requests')) return false;
  underWay.set(agent, others + 1);
  leaving.set(request, () => {
    const left = (underWay.get(agent) ?? 1) - 1;
    underWay.set(agent, left);
    if (left === 0) showMember(agent, 'requests');
  });
  request.once('close', () => leaveQueue(request));
  return true;
}

/** For a request that is over. One that is given up in the queue has no event that says so, and an agent may drop it. */
export function leaveQueue(request: object): void {
  const leave = leaving.get(request);
  leaving.delete(request);
  leave?.();
}
