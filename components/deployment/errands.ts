import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { RepaveError } from "../../director/core/errors.ts";
import type { ErrandFacts } from "../../director/errands.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import type { Catalog } from "./catalog.ts";

const schema = z.array(z.string().min(1));

/**
 * The deployment with the errand groups that run just now (`repave:errands`) as groups like any other, of their first instance
 * alone: so the VM of an errand is made, found again after a kill, and removed by updates, whatever the deployment forbids: it comes and goes.
 */
export function withRunningErrands(spec: DeploymentSpec): DeploymentSpec {
  const given = new pulumi.Config("repave").getObject("errands") ?? [];
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new RepaveError("plan.bad-request", "The config value repave:errands is not understood", { hint: 'it is ["smoke-tests"], the errand groups that run just now' });
  const running = (name: string): boolean => parsed.data.includes(name);
  return { ...spec, instanceGroups: spec.instanceGroups.map((group) => (group.lifecycle === "errand" && running(group.name) ? { ...group, lifecycle: "service", instances: 1, update: { ...group.update, allowReplace: true } } : group)) };
}

/** Every job that can be run as an errand: those with a `bin/run`. `written` is the deployment as its manifest has it. */
export function errandsOf(written: DeploymentSpec, catalog: Catalog): ErrandFacts[] {
  return written.instanceGroups.flatMap((group) =>
    group.jobs
      .filter((job) => catalog.job(job.release, job.name).templates.some((template) => template.destination === "bin/run"))
      .map((job) => ({ job: job.name, group: group.name, lifecycle: group.lifecycle })),
  );
}
