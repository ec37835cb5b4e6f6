import { applySpec, type Run, type Step } from "./run.ts";
import { unlessSkipped } from "./skip-drain.ts";

/** Runs the drain scripts, which say themselves how long they need. */
export const drain = (type: "update" | "shutdown"): Step =>
  unlessSkipped(async (run: Run) => {
    run.operation.status(`${run.label} draining`);
    // Drain only compares; the archive is named for the spec to be whole, and nobody fetches it.
    const archive = { blobstore_id: run.instance.configurationHash, sha1: run.instance.configurationHash };
    await run.agent.drain(type, type === "update" ? { ...applySpec(run), rendered_templates_archive: archive } : undefined);
  });
