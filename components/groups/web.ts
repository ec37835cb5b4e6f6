import { InstanceGroup } from "../instance-group.ts";
import type { GroupOptions } from "./nats.ts";
import { ownRelease } from "./release-folder.ts";

export interface WebOptions extends GroupOptions {
  /** Routes (host, or host/path) under which the routers serve it. */
  uris: string[];
}

/** The guestbook: a small web service of ours that shows a platform at work. Default: 3 instances. */
export class Web extends InstanceGroup {
  constructor({ name = "web", instances = 3, uris, properties, ...rest }: WebOptions) {
    super({
      ...rest,
      name,
      instances,
      releases: [ownRelease("web")],
      jobs: [{ name: "web", release: "web", properties: { web: { uris, drain_wait: 2 }, ...properties } }],
    });
  }
}
