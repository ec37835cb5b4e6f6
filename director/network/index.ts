export { formatIp, netmaskOf, parseCidr, parseIp, type CidrBlock, type IpAddress, type IpRange } from "./address.ts";
export { AddressBook } from "./address-book.ts";
export { resolveGroupNetworks, type GroupNetwork, type GroupNetworkRequest } from "./group-networks.ts";
export { IntervalSet } from "./interval-set.ts";
export { parseNetworks, type Network } from "./network.ts";
export { expandRanges, parseRanges, type RangeText } from "./range-list.ts";
export { networkSettings, type PlacedNetwork } from "./settings.ts";
export type { NetworkSpec, NetworkType, SubnetSpec } from "./spec.ts";
export { parseSubnet, type Subnet } from "./subnet.ts";
