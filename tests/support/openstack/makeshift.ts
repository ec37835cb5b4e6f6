import type { Operation, ResourceKind } from "../../../provider/resource-kind.ts";
import { Api } from "./plugin/api.ts";
import * as balancer from "./plugin/balancer-parts.ts";
import * as compute from "./plugin/compute-parts.ts";
import { kindOf, type Fields } from "./plugin/kind.ts";
import * as network from "./plugin/network-parts.ts";
import type { FakeOpenstack } from "./fake/index.ts";

interface Made {
  kind: ResourceKind<Fields, Fields>;
  name: string;
  id: string;
  state: Fields;
}

/** Makes what a program declares in the fake, by the stand-in's own resources, and takes it away again: no engine, no VMs. */
export class Makeshift {
  readonly made: Made[] = [];
  readonly #kinds: ReadonlyMap<string, ResourceKind<Fields, Fields>>;
  readonly #operation = { services: {} } as unknown as Operation;

  constructor(cloud: FakeOpenstack) {
    const { username, password, project, domain } = cloud.credentials;
    const api = new Api({ authUrl: cloud.environment["OS_AUTH_URL"]!, userName: username, password, tenantName: project, domainName: domain });
    const parts = [...Object.values(network), ...Object.values(compute), ...Object.values(balancer)];
    this.#kinds = new Map(parts.map((part) => kindOf(part, () => api)).map((kind) => [kind.type, kind]));
  }

  make(type: string, name: string, inputs: Fields): Promise<{ id: string; state: Fields }> | undefined {
    const kind = this.#kinds.get(type);
    return kind && this.#make(kind, name, inputs);
  }

  async #make(kind: ResourceKind<Fields, Fields>, name: string, inputs: Fields): Promise<{ id: string; state: Fields }> {
    const made = await kind.create(inputs, this.#operation);
    this.made.push({ kind, name, ...made });
    return made;
  }

  find(type: string, name: string): Made {
    return this.made.find((m) => m.kind.type === `openstack:${type}` && m.name === name)!;
  }

  /** As the engine does with an update in place. */
  async update(one: Made, news: Fields): Promise<void> {
    one.state = await one.kind.update!(one.id, one.state, { ...one.state, ...news }, this.#operation);
  }

  /** What was made last goes first. */
  async removeAll(): Promise<void> {
    for (const { kind, id, state } of this.made.splice(0).reverse()) await kind.delete!(id, state, this.#operation);
  }
}
