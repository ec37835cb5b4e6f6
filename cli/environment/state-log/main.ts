import { messageOf } from "../../../director/core/errors.ts";
import { type LoggedRun, runLogged } from "./run.ts";

// A process of its own: the engine ends the steps it is in when its command is killed, and they are to be kept.
void runLogged(JSON.parse(process.argv[2] ?? "{}") as LoggedRun).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    process.exitCode = 255;
  },
);
