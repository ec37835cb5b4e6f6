/* global peers, own */
import { appendFileSync, readFileSync } from "node:fs";
import tls from "node:tls";

const config = "/var/vcap/jobs/peer/config";
const log = "/var/vcap/sys/log/peer/peer.log";
const options = {
  ca: readFileSync(`${config}/ca.pem`),
  cert: readFileSync(`${config}/certificate.pem`),
  key: readFileSync(`${config}/private_key.pem`),
  minVersion: "TLSv1.3",
};
const say = (line) => appendFileSync(log, `${line}\n`);

// A refusal of the other's certificate comes back as an alert; only those and our own count, not a peer that is stopped.
const refused = (error) => /certificate|unknown.ca|alert|SELF_SIGNED|UNABLE_TO/i.test(`${error.code} ${error.message}`);

tls
  .createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.end("hello");
  })
  .on("tlsClientError", (error) => {
    if (refused(error)) say(`REFUSED client at ${own}: ${error.code} ${error.message}`);
  })
  .listen(7443, "0.0.0.0", () => say("LISTENING"));

function connect(peer) {
  return new Promise((done) => {
    const socket = tls.connect({ ...options, host: peer, port: 7443, checkServerIdentity: () => undefined });
    let greeting = "";
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (data) => (greeting += data));
    socket.on("error", (error) => {
      if (refused(error)) say(`REFUSED server ${peer} at ${own}: ${error.code} ${error.message}`);
    });
    socket.on("close", () => {
      if (greeting === "hello") say(`OK ${peer}`);
      done();
    });
  });
}

async function probe(peer) {
  for (;;) {
    await connect(peer);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}
for (const peer of peers) void probe(peer);
