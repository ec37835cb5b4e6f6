import { RepaveError } from "../../director/core/errors.ts";
import { runClient, type ClientRun } from "../registry/run.ts";

export interface GitState {
  /** Short commit id; `non-git` outside a repository, `empty` in one without commits. */
  commitHash: string;
  uncommittedChanges: boolean;
  /** What `git status` lists. */
  changes: string;
}

/** Asks git about a release folder, as `bosh create-release` does. Without git, or outside a repository, it is `non-git`. */
export async function gitState(releaseDir: string): Promise<GitState> {
  const outside: GitState = { commitHash: "non-git", uncommittedChanges: false, changes: "" };
  if (!(await git(releaseDir, ["rev-parse", "--git-dir"]))) return outside;
  const [head, status] = [await git(releaseDir, ["rev-parse", "--short", "HEAD"]), await git(releaseDir, ["status", "--porcelain=1"])];
  if (!status) throw new RepaveError("release.git", `Checking status of the git repository of ${releaseDir} failed`);
  const changes = status.stdout.trimEnd();
  return { commitHash: head ? head.stdout.trim() : "empty", uncommittedChanges: changes !== "", changes };
}

async function git(cwd: string, args: string[]): Promise<ClientRun | undefined> {
  const run = await runClient("git", args, { cwd, env: { GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" } }).catch((error: unknown) => {
    if (error instanceof RepaveError && error.code === "setup.missing-tool") return undefined;
    throw error;
  });
  return run?.code === 0 ? run : undefined;
}
