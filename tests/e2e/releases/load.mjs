// Steady load over keep-alive connections until stdin ends, then one line of JSON: load.mjs URL HOST RATE [METHOD]
import http from "node:http";

const [url, host, rate, method = "GET"] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
const result = { sent: 0, ok: 0, failed: [], by: {}, slowest: 0 };
let open = 0;

function send() {
  const at = Date.now();
  result.sent++;
  open++;
  const done = (problem) => {
    open--;
    result.slowest = Math.max(result.slowest, Date.now() - at);
    if (problem === undefined) result.ok++;
    else if (result.failed.length < 20) result.failed.push(`${new Date().toISOString()} ${problem}`);
    else result.failed[19] = "and more";
  };
  const request = http.request(url, { method, agent, headers: { Host: host } }, (response) => {
    let body = "";
    response.on("data", (d) => (body += d));
    response.on("error", (e) => done(`body: ${e.message}`));
    response.on("end", () => {
      if (response.statusCode !== 200) return done(`${response.statusCode} ${response.headers["x-cf-routererror"] ?? ""} ${body.slice(0, 80)}`);
      const { index } = JSON.parse(body);
      result.by[index] = (result.by[index] ?? 0) + 1;
      done();
    });
  });
  request.on("error", (e) => done(e.message));
  request.end();
}

const start = Date.now();
let sent = 0;
const timer = setInterval(() => {
  for (; sent < ((Date.now() - start) / 1000) * Number(rate); sent++) send();
}, 5);
process.stdin.resume().on("end", () => {
  clearInterval(timer);
  const until = Date.now() + 15_000;
  const wait = setInterval(() => {
    if (open > 0 && Date.now() < until) return;
    clearInterval(wait);
    if (open > 0) result.failed.push(`${open} requests never ended`);
    console.log(JSON.stringify(result));
    process.exit(0);
  }, 20);
});
console.log("up");
