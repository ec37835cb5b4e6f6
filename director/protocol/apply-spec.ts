/** A blob an agent can look up: its id and its digest (`<sha1>`, `sha256:<hex>`, or several joined by `;`). */
export interface BlobRef {
  blobstore_id: string;
  sha1: string;
}

export interface PackageRef extends BlobRef {
  name: string;
  version: string;
  signed_url?: string;
  blobstore_headers?: Record<string, string> | null;
}

export interface JobTemplateRef {
  name: string;
  version: string;
}

export interface JobSpec {
  name: string | null;
  release?: string;
  template?: string;
  version?: string;
  templates: JobTemplateRef[] | null;
}

/** What `prepare` and `apply` consume; an agent drops every other key, but keeps `networks.*` and `resource_pool` as they are. */
export interface ApplySpec {
  deployment: string;
  name: string;
  index: number | null;
  id: string;
  az: string;
  job: JobSpec;
  packages: Record<string, PackageRef>;
  networks: Record<string, Record<string, unknown>>;
  resource_pool?: unknown;
  /** Size of the persistent disk in MiB, 0 for none. */
  persistent_disk: number;
  /** Empty: only save the spec. */
  configuration_hash: string;
  /** Without it the templates of `job` are dropped and every job is removed. */
  rendered_templates_archive?: BlobRef | null;
  properties?: { logging?: { max_log_file_size?: string } };
}
