/** Delays that end with the sandbox: nothing is left that keeps a process alive. */
export class Waits {
  readonly #timers = new Set<NodeJS.Timeout>();
  #ended = false;

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ended) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, delayMs);
      this.#timers.add(timer);
    });
  }

  /** Whoever still waits, waits for ever: its connection is closed, so there is nobody to answer. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
