/** What is wrong, and what to do about it. Contains nothing secret, so all of it can be printed. */
export class CheckFailure {
  constructor(
    readonly problem: string,
    readonly advice: readonly string[],
  ) {}
}
