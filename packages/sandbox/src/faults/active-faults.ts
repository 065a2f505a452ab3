import type { SandboxHost } from '../hosts/host.js';
import { assertFault } from './assert-fault.js';
import type { SandboxFault, SlowFault } from './fault.js';

/** The effect of the active faults on one request: a delay, and a fault that replaces the normal response. */
export interface FaultEffect {
  readonly delayMs: number;
  readonly fault: Exclude<SandboxFault, SlowFault> | undefined;
}

interface Entry {
  readonly fault: SandboxFault;
  matched: number;
}

const GOLDEN_RATIO = 0.618_033_988_749_895;

/** The active faults. The latest that matches wins; a `slow` fault combines with one of another kind. */
export class ActiveFaults {
  #entries: Entry[] = [];
  /** Called when a fault begins or ends, always with the same object. */
  onChange: ((fault: SandboxFault, on: boolean) => void) | undefined;

  /** Takes a copy, so that changing the object later has no effect. Returns a function that removes the fault. */
  add(fault: SandboxFault): () => void {
    assertFault(fault);
    const entry: Entry = { fault: { ...fault }, matched: 0 };
    this.#entries.push(entry);
    this.onChange?.(entry.fault, true);
    return () => this.#remove(entry);
  }

  clear(): void {
    for (const entry of this.#entries) this.#remove(entry);
  }

  /** Counts the request against `times`, so it is called exactly once per request, on arrival. */
  claim(at: SandboxHost, path: string): FaultEffect {
    let slow: number | undefined;
    let fault: FaultEffect['fault'];
    for (const entry of this.#entries.toReversed()) {
      if (!matches(entry.fault, at, path)) continue;
      if (entry.fault.kind === 'slow') {
        if (slow !== undefined) continue;
        this.#count(entry);
        slow = delayOf(entry.fault, entry.matched);
      } else if (!fault) {
        this.#count(entry);
        fault = entry.fault;
      }
    }
    return { delayMs: slow ?? 0, fault };
  }

  #count(entry: Entry): void {
    entry.matched += 1;
    if (entry.matched === entry.fault.times) this.#remove(entry);
  }

  #remove(entry: Entry): void {
    const others = this.#entries.filter((other) => other !== entry);
    const removed = others.length < this.#entries.length;
    this.#entries = others;
    if (removed) this.onChange?.(entry.fault, false);
  }
}

function matches(fault: SandboxFault, at: SandboxHost, path: string): boolean {
  if (fault.at !== at) return false;
  if (fault.path === undefined) return true;
  // search() rather than test(), which keeps its position in a pattern with the g flag.
  return typeof fault.path === 'string' ? path.startsWith(fault.path) : path.search(fault.path) >= 0;
}

// Multiples of the golden ratio spread evenly over the range, however many there are, and are the same in every run.
function delayOf(fault: SlowFault, nth: number): number {
  return fault.delayMs + ((nth * GOLDEN_RATIO) % 1) * (fault.jitterMs ?? 0);
}
