export { canonicalize } from "./canonical.ts";
export { DnsEncoder, recordName, type DnsQuery } from "./encoder.ts";
export { forgetInstances, noDnsIds, registerDnsNames, type DnsGroup, type DnsIds } from "./ids.ts";
export { dnsRecords, encodeDnsRecords, type DnsDeployment, type DnsRecordsBlob } from "./records.ts";
