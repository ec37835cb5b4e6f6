import { createHash } from "node:crypto";
import path from "node:path";

/** The first `length` hex digits of the SHA-256 of a name: stable, and short enough for interface names. */
export function shortHash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** A name reduced to what folders and process lists show well. Not unique: always goes with a hash. */
export function slug(text: string, length = 32): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, length)
      .replace(/-+$/, "") || "x"
  );
}

/** Where everything of one environment lives. No other folder holds anything of it. */
export class EnvironmentPaths {
  readonly root: string;
  /** Marks processes of this environment in the process list before they are recorded anywhere. */
  readonly token: string;

  constructor(stateDir: string, environment: string) {
    const real = path.resolve(stateDir);
    this.root = path.join(real, `${slug(environment)}-${shortHash(environment, 8)}`);
    this.token = `repave-${shortHash(this.root, 16)}`;
  }

  get record(): string {
    return path.join(this.root, "environment.json");
  }
  get holder(): string {
    return path.join(this.root, "holder.json");
  }
  get network(): string {
    return path.join(this.root, "network.json");
  }
  get logs(): string {
    return path.join(this.root, "logs");
  }
  get programs(): string {
    return path.join(this.root, "programs");
  }
  get vms(): string {
    return path.join(this.root, "vms");
  }
  get disks(): string {
    return path.join(this.root, "disks");
  }
  get balancers(): string {
    return path.join(this.root, "balancers");
  }
  get gateway(): string {
    return path.join(this.root, "gateway");
  }
  address(ip: string): string {
    return path.join(this.addresses, ip);
  }
  get addresses(): string {
    return path.join(this.root, "addresses");
  }
  vm(cid: string): string {
    return path.join(this.vms, cid);
  }
  disk(cid: string): string {
    return path.join(this.disks, cid);
  }
  log(name: string): string {
    return path.join(this.logs, `${slug(name, 40)}-${shortHash(name, 6)}.log`);
  }

  /** The bridge of an AZ: at most 15 bytes, the kernel's limit. */
  static bridge(az: string): string {
    return `az${shortHash(az, 10)}`;
  }
  /** The environment's end of a VM's network cable. */
  static cable(cid: string): string {
    return `vm${shortHash(cid, 10)}`;
  }
}
