import { networkInterfaces } from "node:os";
import { readText } from "../files.ts";

/** Address, mask and gateway of the interface with the default route, if there is one. */
export function defaultRouteOf(): { ip: string; netmask: string; gateway: string } | undefined {
  const route = (readText("/proc/net/route") ?? "")
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .find(([, destination]) => destination === "00000000");
  const address = networkInterfaces()[route?.[0] ?? ""]?.find((a) => a.family === "IPv4");
  if (route === undefined || address === undefined) return undefined;
  const gateway = (route[2] ?? "").match(/../g)?.reverse().map((byte) => Number.parseInt(byte, 16)).join(".");
  return { ip: address.address, netmask: address.netmask, gateway: gateway ?? "" };
}
