import { randomUUID } from "node:crypto";

/** One object of the cloud, as its API shows it. */
export type Thing = Record<string, any> & { id: string };

/** A refusal as the API words it. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Collection {
  readonly kind: string;
  readonly #things = new Map<string, Thing>();
  constructor(kind: string) {
    this.kind = kind;
  }

  add(fields: Record<string, unknown>): Thing {
    const thing = { id: randomUUID(), ...fields } as Thing;
    this.#things.set(thing.id, thing);
    return thing;
  }

  get(id: string): Thing {
    const found = this.#things.get(id);
    if (!found) throw new Refused(404, `${this.kind} ${id} could not be found.`);
    return found;
  }

  find(id: string): Thing | undefined {
    return this.#things.get(id);
  }

  all(): Thing[] {
    return [...this.#things.values()];
  }

  remove(id: string): void {
    this.get(id);
    this.#things.delete(id);
  }
}

/** Everything that a project of the fake cloud has. */
export class Store {
  readonly servers = new Collection("Instance");
  readonly serverGroups = new Collection("Server group");
  readonly flavors = new Collection("Flavor");
  readonly networks = new Collection("Network");
  readonly subnets = new Collection("Subnet");
  readonly routers = new Collection("Router");
  readonly ports = new Collection("Port");
  readonly floatingIps = new Collection("Floating IP");
  readonly securityGroups = new Collection("Security group");
  readonly rules = new Collection("Security group rule");
  readonly volumes = new Collection("Volume");
  readonly images = new Collection("Image");
  readonly balancers = new Collection("Load balancer");
  readonly listeners = new Collection("Listener");
  readonly pools = new Collection("Pool");
  readonly members = new Collection("Member");
  readonly monitors = new Collection("Health monitor");
  readonly recordSets = new Collection("Recordset");
  /** `begin NAME` and `end NAME` of servers, in order. */
  readonly events: string[] = [];
  /** Most servers in one answer. */
  pageSize = 1000;
  readonly quota = { instances: 100, volumes: 100, gigabytes: 1000 };

  /** What is left of anything a user can make, as `kind name`. */
  left(): string[] {
    const kept = new Set<Collection>([this.flavors, this.images]);
    return Object.values(this)
      .filter((part): part is Collection => part instanceof Collection && !kept.has(part))
      .flatMap((part) => part.all().filter((thing) => !thing["router:external"]).map((thing) => `${part.kind} ${String(thing["name"] ?? thing.id)}`));
  }
}

/** What runs behind the servers: the fake itself runs nothing. */
export interface Guests {
  boot(server: Thing, userData: string, ips: readonly string[]): Promise<void>;
  end(server: Thing): Promise<void>;
  /** Gives the disk's path inside. */
  attach(server: Thing, volume: Thing): Promise<string>;
  detach(server: Thing, volume: Thing): Promise<void>;
  grow(volume: Thing): Promise<void>;
  forget(volume: Thing): Promise<void>;
  /** Leads a floating address to a fixed one. */
  expose?(address: string, ip: string): Promise<void>;
  hide?(address: string): Promise<void>;
}

export interface Call {
  params: string[];
  body: any;
  raw: Buffer;
  query: URLSearchParams;
}

export interface Answer {
  status?: number;
  body?: unknown;
}

export type Route = readonly [method: string, path: RegExp, answer: (call: Call) => Answer | Promise<Answer>];
