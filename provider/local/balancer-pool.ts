import type { Backend, BackendStatus, HealthCheck } from "./balancer-config.ts";

interface Member extends BackendStatus {
  listed: boolean;
  /** Answers of the same kind in a row: positive good ones, negative bad ones. */
  streak: number;
}

/** Which backends there are, how they are, and whose turn it is. Decides only; connections and checks are made elsewhere. */
export class BalancerPool {
  readonly #members = new Map<string, Member>();
  #check: Pick<HealthCheck, "healthyThreshold" | "unhealthyThreshold">;
  #turn = 0;

  constructor(backends: Backend[], check: Pick<HealthCheck, "healthyThreshold" | "unhealthyThreshold">) {
    this.#check = check;
    this.configure(backends, check);
  }

  /** Known backends keep their health; those no longer listed get no new connection and keep the ones they have. */
  configure(backends: Backend[], check: Pick<HealthCheck, "healthyThreshold" | "unhealthyThreshold">): void {
    this.#check = check;
    const wanted = new Map(backends.map((b) => [keyOf(b), b]));
    for (const member of this.#members.values()) member.listed = wanted.has(keyOf(member));
    for (const [key, backend] of wanted) {
      if (!this.#members.has(key)) this.#members.set(key, { ...backend, health: "unknown", connections: 0, listed: true, streak: 0 });
    }
    this.#forget();
  }

  listed(): Backend[] {
    return [...this.#members.values()].filter((m) => m.listed).map(({ ip, port }) => ({ ip, port }));
  }

  /** Records the outcome of a check, or of a connection that could not be made. The first outcome counts at once. */
  report(backend: Backend, good: boolean): void {
    const member = this.#members.get(keyOf(backend));
    if (member === undefined) return;
    member.streak = good ? Math.max(1, member.streak + 1) : Math.min(-1, member.streak - 1);
    if (member.health === "unknown") member.health = good ? "healthy" : "unhealthy";
    else if (member.streak >= this.#check.healthyThreshold) member.health = "healthy";
    else if (-member.streak >= this.#check.unhealthyThreshold) member.health = "unhealthy";
  }

  /**
   * All listed backends in the order a new connection should try them: healthy ones by fewest connections, in turn when
   * equal. The others come last, because a backend that fails its check is still better than none.
   */
  order(): Backend[] {
    const members = [...this.#members.values()].filter((m) => m.listed);
    const turn = this.#turn++;
    const rank = { healthy: 0, unknown: 1, unhealthy: 2 };
    return members
      .map((member, i) => ({ member, i: (i - (turn % members.length) + members.length) % members.length }))
      .sort((a, b) => rank[a.member.health] - rank[b.member.health] || a.member.connections - b.member.connections || a.i - b.i)
      .map(({ member }) => ({ ip: member.ip, port: member.port }));
  }

  opened(backend: Backend): void {
    const member = this.#members.get(keyOf(backend));
    if (member !== undefined) member.connections++;
  }

  closed(backend: Backend): void {
    const member = this.#members.get(keyOf(backend));
    if (member !== undefined) member.connections--;
    this.#forget();
  }

  status(): BackendStatus[] {
    return [...this.#members.values()].map(({ ip, port, health, connections }) => ({ ip, port, health, connections }));
  }

  #forget(): void {
    for (const [key, member] of this.#members) if (!member.listed && member.connections === 0) this.#members.delete(key);
  }
}

function keyOf(backend: Backend): string {
  return `${backend.ip}:${backend.port}`;
}
