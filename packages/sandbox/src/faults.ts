import { readFault, type SandboxFault, type SlowFault } from './fault.js';
import type { SandboxHost } from './host.js';

/** What the faults in force make of one request: a delay, and an answer other than the normal one. */
export interface FaultVerdict {
  readonly delayMs: number;
  readonly fault: Exclude<SandboxFault, SlowFault> | undefined;
}

interface Entry {
  readonly fault: SandboxFault;
  matched: number;
}

const goldenRatio = 0.618_033_988_749_895;

/** The faults in force. The latest that matches wins; a slow one goes together with one of another kind. */
export class Faults {
  #entries: Entry[] = [];

  add(fault: SandboxFault): () => void {
    const entry: Entry = { fault: readFault(fault), matched: 0 };
    this.#entries.push(entry);
    return () => this.#remove(entry);
  }

  clear(): void {
    this.#entries = [];
  }

  /** Counts the request: it is to be called once, when the request arrives. */
  claim(at: SandboxHost, path: string): FaultVerdict {
    let slow: number | undefined;
    let fault: FaultVerdict['fault'];
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
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}

function matches(fault: SandboxFault, at: SandboxHost, path: string): boolean {
  if (fault.at !== at) return false;
  if (fault.path === undefined) return true;
  // search() and not test(): a pattern with the g flag remembers where it stopped.
  return typeof fault.path === 'string' ? path.startsWith(fault.path) : path.search(fault.path) >= 0;
}

// Multiples of the golden ratio spread evenly over the range, however many they are, and are the same in every run.
function delayOf(fault: SlowFault, nth: number): number {
  return fault.delayMs + ((nth * goldenRatio) % 1) * (fault.jitterMs ?? 0);
}
