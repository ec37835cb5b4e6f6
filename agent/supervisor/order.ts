import type { Service } from "./service.ts";

/** Services with what they depend on first; a circle is cut where it closes. */
export function inStartOrder(services: readonly Service[], all: ReadonlyMap<string, Service>): Service[] {
  const order: Service[] = [];
  const seen = new Set<Service>();
  const visit = (service: Service) => {
    if (seen.has(service)) return;
    seen.add(service);
    for (const name of service.spec.dependsOn) {
      const dependency = all.get(name);
      if (dependency !== undefined) visit(dependency);
    }
    order.push(service);
  };
  services.forEach(visit);
  return order;
}

/** The services that depend on one, directly or not. */
export function dependentsOf(service: Service, all: ReadonlyMap<string, Service>): Service[] {
  const found = new Set<Service>();
  const visit = (name: string) => {
    for (const other of all.values()) {
      if (other === service || found.has(other) || !other.spec.dependsOn.includes(name)) continue;
      found.add(other);
      visit(other.spec.name);
    }
  };
  visit(service.spec.name);
  return inStartOrder([...found], all).filter((s) => found.has(s));
}
