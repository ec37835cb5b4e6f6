// Publishes the messages it reads as lines "SUBJECT JSON" and answers each with a line: say.mjs ADDRESS PASSWORD CA_FILE SERVER_NAME
import { readFileSync } from "node:fs";
import readline from "node:readline";
import { connect } from "nats";

const [address, pass, ca, servername] = process.argv.slice(2);
const connection = await connect({ servers: [address], user: "nats", pass, tls: { ca: readFileSync(ca, "utf8"), servername } });
console.log("up");
for await (const line of readline.createInterface({ input: process.stdin })) {
  const at = line.indexOf(" ");
  const [subject, payload] = [line.slice(0, at), line.slice(at + 1)];
  if (subject === "router.greet") console.log((await connection.request(subject, "", { timeout: 3000 })).string());
  else {
    connection.publish(subject, payload);
    await connection.flush();
    console.log("said");
  }
}
await connection.close();
