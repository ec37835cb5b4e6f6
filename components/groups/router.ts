import { InstanceGroup } from "../instance-group.ts";
import type { GroupOptions } from "./nats.ts";
import { ownRelease } from "./release-folder.ts";

/** HTTP routers: HAProxy filled with the routes that apps register over NATS. Default: 2 instances behind the extension `router-lb`. */
export class Router extends InstanceGroup {
  constructor({ name = "router", instances = 2, properties, vmExtensions = ["router-lb"], ...rest }: GroupOptions & { vmExtensions?: string[] }) {
    super({
      ...rest,
      name,
      instances,
      vmExtensions,
      releases: [ownRelease("router")],
      jobs: [
        {
          name: "router",
          release: "router",
          properties: {
            router: { load_balancer_healthy_threshold: 2, drain_wait: 3, drain_timeout: 60, status: { password: "((router_status_password))" } },
            ...properties,
          },
        },
      ],
      variables: [{ name: "router_status_password", type: "password" }],
    });
  }
}
