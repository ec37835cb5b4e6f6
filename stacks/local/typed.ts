import { Database, Deployment, Nats, Router, Web, type Environment } from "../../components/index.ts";
import { azs } from "./environment.ts";

/** The environment `local`, written with typed components. */
export function typedDeployment(environment: Environment): Deployment {
  return new Deployment("platform", {
    environment,
    instanceGroups: [
      new Nats({ azs }),
      new Database({ azs: ["z1"], databases: ["guestbook"] }),
      new Router({ azs }),
      new Web({ azs, uris: ["localhost", "127.0.0.1", "guestbook.localhost"] }),
    ],
  });
}
