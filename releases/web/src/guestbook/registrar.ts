import { type ConnectionOptions, type NatsConnection, connect } from "nats";
import { type Config } from "./config.ts";

/** Tells the routers where this instance is, again and again, until it takes leave. */
export class Registrar {
  private readonly config: Config;
  private readonly log: (text: string) => void;
  private readonly startedAt = Date.now();
  private connection: NatsConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private interval: number;
  private leaving = false;

  constructor(config: Config, log: (text: string) => void) {
    this.config = config;
    this.log = log;
    this.interval = config.route.interval;
  }

  /** Resolves after the first connection; finds another NATS instance whenever that one is lost. */
  async start(): Promise<void> {
    this.connection = await connect({ ...this.options(this.config.nats.servers), waitOnFirstConnect: true, maxReconnectAttempts: -1, reconnectTimeWait: 500, pingInterval: 20_000, maxPingOut: 2 });
    this.log(`connected to NATS at ${this.connection.getServer()}`);
    this.connection.subscribe("router.start", { callback: (error, message) => !error && this.greeted(message.string()) });
    void this.watch(this.connection);
    this.register();
    this.connection.request("router.greet", "", { timeout: 2_000 }).then(
      (message) => this.greeted(message.string()),
      // No router is there yet; it will announce itself.
      () => {},
    );
  }

  /** Says on every NATS instance that this one is going, so that a split mesh cannot hide it. */
  async leave(): Promise<void> {
    this.leaving = true;
    clearTimeout(this.timer);
    await Promise.allSettled([
      this.sendVia(this.connection),
      ...this.config.nats.servers.map(async (server) => {
        const connection = await connect({ ...this.options([server]), timeout: 2_000, reconnect: false });
        await this.sendVia(connection);
        await connection.close();
      }),
    ]);
  }

  async close(): Promise<void> {
    await this.connection?.close();
  }

  private async sendVia(connection: NatsConnection | undefined): Promise<void> {
    connection?.publish("router.unregister", this.message(Date.now()));
    await connection?.flush();
  }

  private register(): void {
    clearTimeout(this.timer);
    if (this.leaving) return;
    if (!this.connection?.isClosed()) this.connection?.publish("router.register", this.message(this.startedAt));
    this.timer = setTimeout(() => this.register(), this.interval * 1000);
  }

  private greeted(payload: string): void {
    const wanted = readInterval(payload);
    if (wanted !== undefined) this.interval = wanted;
    this.register();
  }

  private async watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      const kind = String(status.type);
      if (kind === "disconnect" || kind === "error" || kind === "ldm") this.log(`NATS ${kind}: ${String(status.data)}`);
      if (kind !== "reconnect") continue;
      this.log(`connected to NATS at ${connection.getServer()}`);
      this.register();
    }
  }

  private message(at: number): string {
    const { instance, listen, route, tls } = this.config;
    const secure = tls.certificate !== "";
    const message = {
      host: listen.host,
      port: secure ? 0 : listen.port,
      ...(secure ? { tls_port: listen.port, server_cert_domain_san: tls.serverName } : {}),
      uris: route.uris,
      app: route.app,
      availability_zone: instance.az,
      private_instance_id: instance.id,
      private_instance_index: String(instance.index),
      tags: { component: instance.group, instance_id: instance.id },
    };
    // Nanoseconds are more than a number of JSON.stringify can hold.
    return `${JSON.stringify(message).slice(0, -1)},"endpoint_updated_at_ns":${at}000000}`;
  }

  private options(servers: string[]): ConnectionOptions {
    const { user, password, ca, serverName, certificate, privateKey } = this.config.nats;
    const tls = { ca, ...(serverName ? { servername: serverName } : {}), ...(certificate ? { cert: certificate, key: privateKey } : {}) };
    return { servers, user, pass: password, name: `${this.config.instance.group}/${this.config.instance.index}`, tls };
  }
}

/** Seconds a router asks for, within what is sensible. */
export function readInterval(payload: string): number | undefined {
  try {
    const seconds = (JSON.parse(payload) as { minimumRegisterIntervalInSeconds?: unknown }).minimumRegisterIntervalInSeconds;
    return typeof seconds === "number" && seconds >= 1 && seconds <= 60 ? seconds : undefined;
  } catch {
    return undefined;
  }
}
