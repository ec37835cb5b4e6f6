// Required before a program that is measured: at its end it writes its most resident memory in KiB to $PEAK_FILE.
const { writeFileSync } = require("node:fs");

process.on("exit", () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));
