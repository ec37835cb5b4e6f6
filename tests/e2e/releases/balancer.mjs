// A TCP load balancer with health checks, as an environment's own: balancer.mjs PORT HEALTH_PORT TARGET_PORT IP...
import http from "node:http";
import net from "node:net";

const [port, healthPort, targetPort, ...ips] = process.argv.slice(2);
const healthy = new Map(ips.map((ip) => [ip, 0]));
let turn = 0;

setInterval(() => {
  for (const ip of ips) {
    const bad = () => healthy.set(ip, 0);
    http
      .get({ host: ip, port: healthPort, path: "/health", timeout: 400, agent: false }, (response) => {
        response.resume();
        if (response.statusCode === 200) healthy.set(ip, 1);
        else bad();
      })
      .on("error", bad)
      .on("timeout", function () {
        this.destroy();
      });
  }
}, 300);

net
  .createServer({ allowHalfOpen: true }, (client) => {
    const up = ips.filter((ip) => healthy.get(ip));
    const target = up[turn++ % up.length];
    if (target === undefined) return client.destroy();
    const upstream = net.connect({ host: target, port: Number(targetPort), allowHalfOpen: true });
    client.pipe(upstream).pipe(client);
    for (const [a, b] of [[client, upstream], [upstream, client]]) a.on("error", () => b.destroy()).on("close", () => b.destroy());
  })
  .listen(Number(port), () => console.log("up"));
