// Stands for the agent where a test is about the VM, not the agent: answers HTTP on port 6868 with what it sees around it.
const http = require("node:http");
const fs = require("node:fs");
const { execFileSync } = require("node:child_process");

const settings = JSON.parse(fs.readFileSync("/var/vcap/bosh/user_data.json", "utf8"));
const look = {
  "/ping": () => "pong",
  "/id": () => settings.agent_id,
  "/self": () => JSON.stringify({ pid: process.pid, uid: process.getuid(), hostname: require("node:os").hostname(), argv: process.argv, env: process.env }),
  "/exit": () => setTimeout(() => process.exit(3), 10) && "bye",
  "/off": () => setTimeout(() => process.exit(100), 10) && "bye",
};

http
  .createServer((request, response) => {
    const url = new URL(request.url, "http://vm");
    try {
      if (url.pathname === "/sh") response.end(execFileSync("/bin/sh", ["-c", `exec 2>&1; ${url.searchParams.get("run")}`], { encoding: "utf8" }));
      else response.end(String((look[url.pathname] ?? (() => "?"))()));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error.stdout ?? error));
    }
  })
  .listen(6868, "0.0.0.0");
