/** Of each kind; `FUZZ_ROUNDS` and `FUZZ_SEED` run others. */
export const ROUNDS = 10_000;
