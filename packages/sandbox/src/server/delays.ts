/** Delays that are cancelled when the sandbox closes, so that no timer keeps the process alive. */
export class Delays {
  readonly #timers = new Set<NodeJS.Timeout>();
  #cancelled = false;

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#cancelled) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, delayMs);
      this.#timers.add(timer);
    });
  }

  /** Pending waits never resolve; their connections are closed anyway. */
  cancel(): void {
    this.#cancelled = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
