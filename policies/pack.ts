import { PolicyPack } from "@pulumi/policy";
import { allRules } from "./index.ts";

new PolicyPack("repave", { description: "Rules for environments of repave", policies: allRules, enforcementLevel: "advisory" });
