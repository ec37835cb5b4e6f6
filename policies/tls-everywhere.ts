import { groupOf } from "./facts.ts";
import { defineRule, type CheckedResource } from "./rule.ts";
import { names } from "./settings.ts";

/** Jobs that talk in clear, and listeners of load balancers that do. */
export const tlsEverywhere = defineRule({
  name: "tls-everywhere",
  description: "Everything that crosses a network is encrypted.",
  config: { allow: names("Beginnings of findings to let pass, such as 'web: web.tls'.") },
  checkResource(resource, { allow }) {
    const group = groupOf(resource);
    if (group) {
      return group.plaintext
        .filter((path) => !allow.some((prefix) => path.startsWith(prefix)))
        .map((path) => ({ message: `Instance group '${group.group}' talks in clear: ${path}.` }));
    }
    const why = plainListener(resource);
    return why === undefined || allow.includes(resource.name) ? [] : [{ message: `'${resource.name}' ${why}.` }];
  },
});

interface ListenerProps {
  protocol?: string;
  defaultActions?: { type?: string }[];
  spec?: { tls?: unknown[]; listeners?: { name?: string; protocol?: string }[] };
}

function plainListener({ type, props }: CheckedResource): string | undefined {
  switch (type) {
    case "aws:lb/listener:Listener":
    case "aws:alb/listener:Listener": {
      const { protocol, defaultActions = [] } = props as ListenerProps;
      const redirects = defaultActions.length > 0 && defaultActions.every((action) => action.type === "redirect");
      return protocol === "HTTP" && !redirects ? "listens for HTTP and does not redirect it" : undefined;
    }
    case "openstack:loadbalancer/listener:Listener":
      return (props as ListenerProps).protocol === "HTTP" ? "listens for HTTP" : undefined;
    case "kubernetes:networking.k8s.io/v1:Ingress":
      return ((props as ListenerProps).spec?.tls ?? []).length === 0 ? "is an Ingress without TLS" : undefined;
    case "kubernetes:gateway.networking.k8s.io/v1:Gateway": {
      const plain = ((props as ListenerProps).spec?.listeners ?? []).filter((listener) => listener.protocol === "HTTP").map((listener) => listener.name ?? "unnamed");
      return plain.length > 0 ? `has HTTP listeners: ${plain.join(", ")}` : undefined;
    }
    default:
      return undefined;
  }
}
