/** A credential that this environment generates, as its state knows it. Holds no value. */
export interface CredentialSpec {
  /** `DEPLOYMENT/VARIABLE`, or only the name for one of the environment's own. */
  id: string;
  deployment?: string;
  variable: string;
  kind: "password" | "certificate" | "ssh" | "rsa";
  isCa: boolean;
  /** A password that some job accepts in two versions at a time: it refers to `((name.accepted))`. */
  overlaps: boolean;
  /** It keeps its value until every stemcell of its deployment changes (`update: {strategy: on-stemcell-change}`). */
  waits?: boolean;
  /** What its option `ca` names: an id, or the name as written when no variable of the deployment has it. */
  signedBy?: string;
  /** It signs the certificates of the VMs' agents. */
  signsAgents: boolean;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601; only certificates expire. */
  expiresAt?: string;
  generation: number;
  /** `GROUP/JOB` of what its value is rendered for. */
  usedBy: readonly string[];
  /** Those of them that get its private key. */
  keyUsedBy: readonly string[];
}
