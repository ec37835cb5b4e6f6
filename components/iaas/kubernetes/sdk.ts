import { RepaveError } from "../../../director/core/errors.ts";

/** The classes that an environment is made of, each loaded by its own file: the package as a whole is large. */
export interface Kubernetes {
  Provider: typeof import("@pulumi/kubernetes/provider").Provider;
  Namespace: typeof import("@pulumi/kubernetes/core/v1/namespace").Namespace;
  NetworkPolicy: typeof import("@pulumi/kubernetes/networking/v1/networkPolicy").NetworkPolicy;
  PersistentVolumeClaim: typeof import("@pulumi/kubernetes/core/v1/persistentVolumeClaim").PersistentVolumeClaim;
  Pod: typeof import("@pulumi/kubernetes/core/v1/pod").Pod;
  PodDisruptionBudget: typeof import("@pulumi/kubernetes/policy/v1/podDisruptionBudget").PodDisruptionBudget;
  Secret: typeof import("@pulumi/kubernetes/core/v1/secret").Secret;
  Service: typeof import("@pulumi/kubernetes/core/v1/service").Service;
}

/** Loaded when an environment is opened, so that nobody else needs it installed. */
export function loadSdk(): Kubernetes {
  try {
    return {
      ...require("@pulumi/kubernetes/provider"),
      ...require("@pulumi/kubernetes/core/v1/namespace"),
      ...require("@pulumi/kubernetes/networking/v1/networkPolicy"),
      ...require("@pulumi/kubernetes/core/v1/persistentVolumeClaim"),
      ...require("@pulumi/kubernetes/core/v1/pod"),
      ...require("@pulumi/kubernetes/policy/v1/podDisruptionBudget"),
      ...require("@pulumi/kubernetes/core/v1/secret"),
      ...require("@pulumi/kubernetes/core/v1/service"),
    } as Kubernetes;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new RepaveError("setup.missing-package", "The Kubernetes adapter needs the package @pulumi/kubernetes, which is not installed", { hint: "npm install @pulumi/kubernetes", cause });
  }
}
