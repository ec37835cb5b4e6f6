// A backend that answers with what it got: echo.mjs PORT NAME [CERT KEY]. `GET /cut` breaks the connection, counted per name;
// what X-Set-Cookie asks for, parted by `|`, is set.
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const [port, name, cert, key] = process.argv.slice(2);
const address = process.env.ECHO_ADDRESS ?? "0.0.0.0";
let cuts = 0;
const answer = (request, response) => {
  if (request.url === "/cut") {
    cuts++;
    request.socket.destroy();
    return;
  }
  const cookies = request.headers["x-set-cookie"];
  if (cookies) response.setHeader("Set-Cookie", cookies.split("|"));
  let size = 0;
  request.on("data", (d) => (size += d.length));
  request.on("end", () => response.end(JSON.stringify({ name, cuts, size, method: request.method, headers: request.headers })));
};
const listener = cert ? https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, answer) : http.createServer(answer);
listener.listen(Number(port), address, () => console.log("up"));
