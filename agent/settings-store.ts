import { isDeepStrictEqual } from "node:util";
import type { AgentSettings, CertPair, DiskHint, NetworkSettings, UpdateSettings } from "../director/protocol/index.ts";
import { asList, asObject, asString } from "./decode.ts";
import { readJson, readText, writeAtomic } from "./files.ts";
import type { Layout } from "./layout.ts";

export interface Mbus {
  address: string;
  port: number;
  user: string;
  password: string;
  cert: CertPair;
}

/** The boot settings, what `update_settings` put over them, and the hints of disks attached later. */
export class SettingsStore {
  readonly #layout: Layout;
  readonly #source: string;
  #settings: AgentSettings;
  #update: UpdateSettings;

  constructor(layout: Layout, source: string) {
    this.#layout = layout;
    this.#source = source;
    this.#settings = this.#load();
    this.#update = decodeUpdateSettings(readJson(layout.updateSettings));
  }

  get agentId(): string {
    return this.#settings.agent_id;
  }

  get vm(): { name: string } {
    return { name: asString(this.#settings.vm?.name, "vm.name") };
  }

  get networks(): Record<string, NetworkSettings> {
    return this.#settings.networks ?? {};
  }

  get parallel(): number {
    return Math.max(1, Number(this.#settings.env?.bosh?.parallel ?? 5));
  }

  /** Reads the source again; without it the saved copy stays in force. */
  reload(): void {
    this.#settings = this.#load();
  }

  mbus(): Mbus {
    const boot = this.#settings.env?.bosh?.mbus;
    const url = new URL(this.#update.mbus?.urls?.[0] ?? boot?.urls?.[0] ?? asString(this.#settings.mbus, "mbus"));
    if (url.protocol !== "https:") throw new Error(`the mbus must be https, not ${url.protocol.slice(0, -1)}`);
    const updated = this.#update.mbus?.cert;
    const cert = updated?.ca ? updated : boot?.cert;
    if (!cert?.certificate || !cert.private_key) throw new Error("the settings hold no certificate for the mbus");
    return {
      address: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(url.port || 443),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      cert: { ca: cert.ca ?? "", certificate: cert.certificate, private_key: cert.private_key },
    };
  }

  /** Saves it, and tells whether the agent must start again to follow it. */
  applyUpdate(next: UpdateSettings): boolean {
    const old = this.#update;
    const mbusGiven = next.mbus !== undefined && (next.mbus.urls !== undefined || next.mbus.cert !== undefined);
    const mbusChanged = mbusGiven && !isDeepStrictEqual(next.mbus, old.mbus);
    const blobstoresChanged = next.blobstores !== undefined && !isDeepStrictEqual(next.blobstores, old.blobstores);
    this.#update = {
      trusted_certs: next.trusted_certs,
      disk_associations: next.disk_associations,
      blobstores: blobstoresChanged ? next.blobstores : old.blobstores,
      mbus: mbusChanged ? next.mbus : old.mbus,
    };
    writeAtomic(this.#layout.updateSettings, JSON.stringify(this.#update), 0o600);
    return mbusChanged || blobstoresChanged;
  }

  get diskAssociations(): UpdateSettings["disk_associations"] {
    return this.#update.disk_associations;
  }

  disks(): Record<string, DiskHint> {
    return { ...this.#settings.disks?.persistent, ...this.#hints() };
  }

  addDisk(cid: string, hint: DiskHint): void {
    this.#saveHints({ ...this.#hints(), [cid]: hint });
  }

  removeDisk(cid: string): void {
    const { [cid]: _, ...others } = this.#hints();
    this.#saveHints(others);
  }

  #hints(): Record<string, DiskHint> {
    return asObject(readJson(this.#layout.diskHints), "persistent_disk_hints") as Record<string, DiskHint>;
  }

  #saveHints(hints: Record<string, DiskHint>): void {
    writeAtomic(this.#layout.diskHints, JSON.stringify(hints), 0o600);
  }

  #load(): AgentSettings {
    const fresh = readText(this.#source);
    const text = fresh ?? readText(this.#layout.settings);
    if (text === undefined) throw new Error(`settings are neither in '${this.#source}' nor saved`);
    const settings = parse(text);
    if (typeof settings.agent_id !== "string" || settings.agent_id === "") throw new Error("the settings hold no agent_id");
    if (fresh !== undefined) writeAtomic(this.#layout.settings, fresh, 0o600);
    return settings;
  }
}

function parse(text: string): AgentSettings {
  try {
    return asObject(JSON.parse(text), "settings") as unknown as AgentSettings;
  } catch {
    // The parser's own error would quote them.
    throw new Error("the settings are not a JSON object");
  }
}

export function decodeUpdateSettings(value: unknown): UpdateSettings {
  const update = asObject(value, "update_settings");
  const mbus = asObject(update.mbus, "update_settings.mbus");
  const cert = asObject(mbus.cert, "update_settings.mbus.cert");
  const urls = asList(mbus.urls, "update_settings.mbus.urls").map((url) => asString(url, "update_settings.mbus.urls"));
  const pair = {
    ca: asString(cert.ca, "update_settings.mbus.cert.ca"),
    certificate: asString(cert.certificate, "update_settings.mbus.cert.certificate"),
    private_key: asString(cert.private_key, "update_settings.mbus.cert.private_key"),
  };
  const hasCert = Object.values(pair).some((part) => part !== "");
  return {
    trusted_certs: asString(update.trusted_certs, "update_settings.trusted_certs"),
    disk_associations: asList(update.disk_associations, "update_settings.disk_associations").map((entry) => {
      const association = asObject(entry, "update_settings.disk_associations");
      return { name: asString(association.name, "disk_associations.name"), cid: asString(association.cid, "disk_associations.cid") };
    }),
    blobstores:
      update.blobstores === undefined || update.blobstores === null
        ? undefined
        : (asList(update.blobstores, "update_settings.blobstores") as UpdateSettings["blobstores"]),
    mbus: urls.length > 0 || hasCert ? { urls: urls.length > 0 ? urls : undefined, cert: hasCert ? pair : undefined } : undefined,
  };
}
