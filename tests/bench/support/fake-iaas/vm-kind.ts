import { randomBytes, randomUUID } from "node:crypto";
import { request } from "node:http";
import { z } from "zod";
import { changedKeys, type Operation, type ResourceKind } from "../../../../provider/resource-kind.ts";
import type { SigningCa } from "../../../../provider/variables/certificate-versions.ts";
import { signLeaf } from "../../../../provider/variables/index.ts";
import type { VmAnswer, VmRequest } from "./cloud.ts";

export const VM_TOKEN = "fakeiaas:index:Vm";
export const NETWORK_TOKEN = "fakeiaas:index:Network";

const schema = z.object({
  slot: z.string().min(1),
  az: z.string(),
  ip: z.string(),
  networks: z.record(z.string(), z.any()),
  cloudProperties: z.record(z.string(), z.any()),
  stemcell: z.object({ os: z.string(), version: z.string() }),
  env: z.record(z.string(), z.any()),
  agentCa: z.union([z.object({ certificate: z.string(), private_key: z.string() }).loose(), z.string()]),
  repaveBefore: z.string().optional(),
});

type Inputs = z.infer<typeof schema>;
type State = Inputs & { cid: string; createdAt: string; agentId: string; mbusPassword: string; port: number };

/** Replaced for the same reasons as a VM of every adapter. */
export const vmKind: ResourceKind<Inputs, State> = {
  type: VM_TOKEN,
  schema,
  secretOutputs: ["mbusPassword"],
  writeOnly: ["agentCa"],
  diff(olds, news, oldInputs) {
    const replace: string[] = changedKeys(oldInputs, news, ["slot", "az", "ip", "networks", "cloudProperties", "stemcell", "env"]);
    if (news.repaveBefore !== undefined && olds.createdAt < news.repaveBefore) replace.push("repaveBefore");
    return { changed: [], replace, deleteBeforeReplace: true };
  },
  async create(news, operation: Operation) {
    const [agentId, password] = [randomUUID(), randomBytes(18).toString("base64url")];
    const ca = news.agentCa as SigningCa;
    const leaf = await signLeaf({ ca, commonName: agentId, alternativeNames: [agentId, news.ip], days: 365, now: operation.services.now() });
    const vm = await call<VmAnswer>("POST", "/vms", { slot: news.slot, agentId, password, certificate: leaf.certificate, key: leaf.private_key } satisfies VmRequest);
    return { id: vm.cid, state: { ...news, ...vm, agentId, mbusPassword: password } };
  },
  async delete(id) {
    await call("DELETE", `/vms/${id}`);
  },
  async read(id, state) {
    return (await call<unknown[]>("GET", `/vms/${id}`)).length > 0 ? state : undefined;
  },
};

/** There is nothing to make: agents are told apart by name. */
export const networkKind: ResourceKind<{ name: string }, { name: string }> = {
  type: NETWORK_TOKEN,
  schema: z.object({ name: z.string(), subnets: z.array(z.any()) }),
  diff: (olds, news) => ({ changed: [], replace: changedKeys(olds, news, ["name"]), deleteBeforeReplace: true }),
  create: async (news) => ({ id: news.name, state: news }),
};

/** Asks the fake IaaS whose socket the environment names. */
export function call<T>(method: string, path: string, body?: object, socketPath = process.env["FAKE_IAAS"]): Promise<T> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text) as T);
        else reject(new Error(text));
      });
    });
    sent.once("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}
