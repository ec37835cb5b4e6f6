import type { LocalGuests } from "../stand-in/guests.ts";
import type { Outside } from "../stand-in/outside.ts";
import type { Guests } from "./fake/store.ts";

/** What runs behind the servers of the fake, and where floating addresses lead from. */
export function serverGuests(guests: LocalGuests, outside: () => Outside | undefined): Guests {
  return {
    boot: (server, userData, ips) => guests.boot(server.id, userData, ips[0] ?? ""),
    end: (server) => guests.end(server.id),
    attach: (server, volume) => guests.attach(server.id, volume.id, Number(volume["size"]) * 1024),
    detach: (server, volume) => guests.detach(server.id, volume.id),
    grow: (volume) => guests.grow(volume.id, Number(volume["size"]) * 1024),
    forget: (volume) => guests.forget(volume.id),
    expose: async (address, ip) => outside()?.expose(address, ip),
    hide: async (address) => outside()?.hide(address),
  };
}
