import { X509Certificate } from "node:crypto";
import { credentialId, type CredentialSpec } from "../../director/rotation/index.ts";
import { token } from "../../provider/resources/tokens.ts";
import type { VariableInputs, VariableState } from "../../provider/resources/variable.ts";
import { resourcesOf, type StackExport } from "./state.ts";

const kinds: Readonly<Record<string, CredentialSpec["kind"]>> = {
  [token("Password")]: "password",
  [token("Certificate")]: "certificate",
  [token("SshKey")]: "ssh",
  [token("RsaKey")]: "rsa",
};

/** The credentials a state has, by id. Reads certificates for their end; takes no value along. Needs an export with secrets. */
export function credentialsOf(state: StackExport): CredentialSpec[] {
  const found = resourcesOf(state, Object.keys(kinds)).map(({ urn, type, inputs, outputs }) => {
    const name = urn.split("::").slice(3).join("::");
    const { variable, options, generation, usedBy = [], signsAgents = false, stemcells } = inputs as VariableInputs;
    const { createdAt, value } = outputs as VariableState;
    const deployment = name.endsWith(`.${variable}`) ? name.slice(0, -variable.length - 1) : undefined;
    const signer = type === token("Certificate") && typeof options?.["ca"] === "string" ? options["ca"] : undefined;
    const expiresAt = type === token("Certificate") ? endOf(value) : undefined;
    return {
      id: credentialId(deployment, variable),
      ...(deployment === undefined ? {} : { deployment }),
      variable,
      kind: kinds[type]!,
      isCa: options?.["is_ca"] === true,
      overlaps: usedBy.some((user) => user.accepts === true),
      ...(stemcells === undefined || options?.["is_ca"] === true ? {} : { waits: true }),
      ...(signer === undefined ? {} : { signer }),
      signsAgents,
      createdAt,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      generation: generation ?? 0,
      usedBy: usedBy.map((user) => user.job),
      keyUsedBy: usedBy.filter((user) => user.key).map((user) => user.job),
    };
  });
  const ids = new Set(found.map((credential) => credential.id));
  return found
    .map(({ signer, ...credential }): CredentialSpec => {
      if (signer === undefined) return credential;
      const id = credentialId(credential.deployment, signer);
      return { ...credential, signedBy: ids.has(id) ? id : signer };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** When a certificate's version in use expires; undefined for one that was given and is none that can be read. */
function endOf(value: unknown): string | undefined {
  const { certificate } = (value ?? {}) as { certificate?: unknown };
  if (typeof certificate !== "string") return undefined;
  try {
    return new Date(new X509Certificate(certificate).validTo).toISOString();
  } catch {
    return undefined;
  }
}
