import { referencesOf, splitReference } from "../../director/manifest/interpolation/references.ts";
import type { DeploymentSpec } from "../../director/spec/deployment.ts";
import { fromPlain, type PlainValue } from "../../director/yaml/index.ts";

/** A job that a variable is rendered for, and whether it gets the private key. */
export interface CredentialUser {
  job: string;
  key: boolean;
  /** It accepts two versions of a password at a time. */
  accepts?: boolean;
}

/** The jobs that refer to each variable. */
export function credentialUsers(spec: DeploymentSpec): Map<string, CredentialUser[]> {
  const users = new Map<string, CredentialUser[]>();
  for (const group of spec.instanceGroups) {
    for (const job of group.jobs) {
      for (const reference of referencesOf(fromPlain(job.properties as PlainValue))) {
        const { root, path } = splitReference(reference);
        const name = `${group.name}/${job.name}`;
        const known = users.get(root) ?? [];
        users.set(root, known);
        // The whole value has the key in it.
        const key = path === "" || path === "/private_key";
        const user = known.find((u) => u.job === name);
        if (user) user.key ||= key;
        else known.push({ job: name, key });
        if (path === "/accepted") known.find((u) => u.job === name)!.accepts = true;
      }
    }
  }
  return users;
}
