/** Exit codes, the same table as Pulumi's, since pipelines call both. */
export const exitCode = {
  ok: 0,
  error: 1,
  usage: 2,
  auth: 3,
  resource: 4,
  policy: 5,
  noStack: 6,
  changesFound: 7,
  cancelled: 8,
  timeout: 9,
  bug: 255,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
