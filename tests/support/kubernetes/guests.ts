import type { LocalGuests } from "../stand-in/guests.ts";
import type { Thing } from "./fake/objects.ts";
import type { Guests } from "./fake/pods.ts";

/** What runs in the Pods of the fake. */
export function podGuests(guests: LocalGuests): Guests {
  return {
    async boot(pod, text, claims) {
      const { networks } = JSON.parse(text) as { networks: Record<string, { ip: string }> };
      const { ip } = Object.values(networks)[0]!;
      await guests.boot(pod.metadata.uid, text, ip);
      for (const { claim, path } of claims) await guests.attach(pod.metadata.uid, claim.metadata.uid, mibOf(claim), path);
      return ip;
    },
    end: (pod) => guests.end(pod.metadata.uid),
    grow: (claim) => guests.grow(claim.metadata.uid, mibOf(claim)),
    forget: (claim) => guests.forget(claim.metadata.uid),
  };
}

function mibOf(claim: Thing): number {
  return Number(/^(\d+)Mi$/.exec(claim.spec.resources.requests.storage as string)![1]);
}
