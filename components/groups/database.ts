import { InstanceGroup } from "../instance-group.ts";
import type { GroupOptions } from "./nats.ts";
import { ownRelease } from "./release-folder.ts";

const serverName = "database.service.internal";

export interface DatabaseOptions extends GroupOptions {
  /** Databases to keep, each with an owner of the same name and a generated password. Default: none. */
  databases?: string[];
  /** Named disk size. Default: `default`. */
  persistentDiskType?: string;
}

/** PostgreSQL on a persistent disk, over TLS. Default: 1 instance. */
export class Database extends InstanceGroup {
  constructor({ name = "database", instances = 1, databases = [], properties, persistentDiskType = "default", ...rest }: DatabaseOptions) {
    super({
      ...rest,
      name,
      instances,
      persistentDiskType,
      releases: [ownRelease("postgres")],
      jobs: [
        {
          name: "postgres",
          release: "postgres",
          properties: {
            databases: {
              roles: databases.map((database) => ({ name: database, password: `((${database}_db_password))`, accepted_passwords: `((${database}_db_password.accepted))` })),
              databases: databases.map((database) => ({ name: database, owner: database })),
              tls: { ca: "((database_tls.ca))", certificate: "((database_tls.certificate))", private_key: "((database_tls.private_key))", server_name: serverName },
            },
            ...properties,
          },
        },
      ],
      variables: [
        ...databases.map((database) => ({ name: `${database}_db_password`, type: "password" as const })),
        { name: "database_ca", type: "certificate", options: { is_ca: true, common_name: "database" } },
        { name: "database_tls", type: "certificate", options: { ca: "database_ca", common_name: serverName, alternative_names: [serverName] } },
      ],
    });
  }
}
