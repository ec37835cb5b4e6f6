// A backend behind the load balancer, run inside a VM: answers its name; SIGUSR2 makes /health fail, as a draining router does.
const http = require("node:http");
const [name, port] = process.argv.slice(2);
let draining = false;
process.on("SIGUSR2", () => (draining = true));
http
  .createServer((request, response) => {
    if (request.url === "/health") response.writeHead(draining ? 503 : 200).end();
    else if (request.url === "/slow") {
      response.writeHead(200, { "x-backend": name }).flushHeaders();
      setTimeout(() => response.end(name), 1500);
    }
    else response.end(name);
  })
  .listen(Number(port), "0.0.0.0");
