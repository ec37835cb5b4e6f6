import { InstanceGroup, type InstanceGroupArgs } from "../instance-group.ts";
import { ownRelease } from "./release-folder.ts";

export interface GroupOptions {
  /** Default: the group's usual name. */
  name?: string;
  instances?: number;
  azs: string[];
  vmType?: string;
  /** BOSH's `update` block of the group. */
  update?: InstanceGroupArgs["update"];
  /** Properties of its job, above the group's own. */
  properties?: Record<string, unknown>;
}

const serverName = "nats.service.internal";

/** The message bus: a NATS mesh over TLS. Default: 2 instances. */
export class Nats extends InstanceGroup {
  constructor({ name = "nats", instances = 2, properties, ...rest }: GroupOptions) {
    super({
      ...rest,
      name,
      instances,
      releases: [ownRelease("nats")],
      jobs: [
        {
          name: "nats",
          release: "nats",
          properties: {
            nats: {
              password: "((nats_password))",
              accepted_passwords: "((nats_password.accepted))",
              cluster_password: "((nats_cluster_password))",
              tls: { ca: "((nats_tls.ca))", certificate: "((nats_tls.certificate))", private_key: "((nats_tls.private_key))", server_name: serverName },
            },
            ...properties,
          },
        },
      ],
      variables: [
        { name: "nats_password", type: "password" },
        { name: "nats_cluster_password", type: "password" },
        { name: "nats_ca", type: "certificate", options: { is_ca: true, common_name: "nats" } },
        { name: "nats_tls", type: "certificate", options: { ca: "nats_ca", common_name: serverName, alternative_names: [serverName], extended_key_usage: ["server_auth", "client_auth"] } },
      ],
    });
  }
}
