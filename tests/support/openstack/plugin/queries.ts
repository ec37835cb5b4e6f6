import { z } from "zod";
import type { Query } from "../../../../provider/resource-kind.ts";
import type { Api } from "./api.ts";
import type { Fields } from "./kind.ts";

/** The questions that the adapter asks of given networks and groups. */
export function queriesOf(api: () => Api): Query<Fields, Fields>[] {
  const find = (token: string, path: string, many: string, names: Readonly<Record<string, string>>): Query<Fields, Fields> => ({
    token,
    schema: z.record(z.string(), z.any()),
    secret: false,
    async answer(args) {
      const wanted = new URLSearchParams(Object.entries(names).flatMap(([input, name]) => (args[input] === undefined ? [] : [[name, String(args[input])] as [string, string]])));
      const found = (await api().call<Record<string, Fields[]>>("network", "GET", `/v2.0/${path}?${wanted.toString()}`))[many] ?? [];
      if (found.length !== 1) throw new Error(`Your query returned ${found.length === 0 ? "no results" : "more than one result"}`);
      return { ...args, id: found[0]!["id"] as string };
    },
  });
  return [
    find("openstack:networking/getSubnet:getSubnet", "subnets", "subnets", { networkId: "network_id", cidr: "cidr", name: "name" }),
    find("openstack:networking/getSecGroup:getSecGroup", "security-groups", "security_groups", { name: "name" }),
  ];
}
