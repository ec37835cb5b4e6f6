/** Body of a DNS blob; `sync_dns` refuses it unless `version` equals the argument. */
export interface DnsBlob {
  version: number;
  /** `[ip, name]` */
  records: [string, string][];
  record_keys: string[];
  record_infos: unknown[][];
  aliases: Record<string, unknown[]>;
}
