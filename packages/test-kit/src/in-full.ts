/**
 * Whether what makes a test dear is done in full: long random sequences, long hostile texts, every way to print in each
 * search for secrets, hundreds of processes that are killed, a thousand requests at once. Otherwise there is less of it, but
 * each case is still run.
 */
export const IN_FULL = Boolean(process.env.CI);
