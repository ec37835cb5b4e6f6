import { type NatsConnection, connect } from "nats";
import { type Config } from "./config.ts";

export interface Bus {
  publish(subject: string, payload: string): void;
  connected(): boolean;
  close(): Promise<void>;
}

export interface BusEvents {
  /** Every message of a subject we listen to; `reply` answers a request. */
  message(subject: string, payload: string, reply: (payload: string) => void): void;
  /** After the first connection and after each one that follows a loss. */
  connected(): void;
  log(text: string): void;
}

/** Holds one connection to any of the NATS instances and finds another one when it is lost, for ever. */
export async function openBus(config: Config["nats"], subjects: readonly string[], events: BusEvents): Promise<Bus> {
  const connection = await connect({
    servers: config.servers,
    user: config.user,
    pass: config.password,
    name: "router",
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    // Well below the time to live of routes, so that a silent loss is found before they expire.
    pingInterval: 20_000,
    maxPingOut: 2,
    timeout: 5_000,
    ...(config.tls ? { tls: tlsOptions(config) } : {}),
  });
  events.log(`connected to NATS at ${connection.getServer()}`);
  for (const subject of subjects) {
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) events.message(subject, message.string(), (payload) => message.respond(payload));
      },
    });
  }
  void watch(connection, events);
  events.connected();
  return {
    publish: (subject, payload) => connection.publish(subject, payload),
    connected: () => !connection.isClosed() && live.get(connection) !== false,
    close: () => connection.close(),
  };
}

const live = new WeakMap<NatsConnection, boolean>();

async function watch(connection: NatsConnection, events: BusEvents): Promise<void> {
  for await (const status of connection.status()) {
    const kind = String(status.type);
    if (kind === "disconnect") live.set(connection, false);
    if (kind === "disconnect" || kind === "error" || kind === "ldm") events.log(`NATS ${kind}: ${String(status.data)}`);
    if (kind !== "reconnect") continue;
    live.set(connection, true);
    events.log(`connected to NATS at ${connection.getServer()}`);
    events.connected();
  }
}

function tlsOptions(config: Config["nats"]): Record<string, unknown> {
  return {
    ca: config.ca,
    ...(config.certificate ? { cert: config.certificate, key: config.privateKey } : {}),
    // Instances are addressed by IP; their certificate carries the service's name.
    ...(config.serverName ? { servername: config.serverName } : {}),
  };
}
