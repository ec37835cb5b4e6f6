import type { Command as Commander } from "commander";
import { RepaveError } from "../../director/core/errors.ts";
import { wrapError } from "../../director/core/wrap-error.ts";
import { evaluateTemplate, type VariableSource } from "../../director/manifest/interpolation/evaluate.ts";
import { findValue } from "../../director/manifest/interpolation/find.ts";
import { parseOpsFile } from "../../director/manifest/interpolation/ops-file.ts";
import { applyOps, type Operation } from "../../director/manifest/interpolation/ops.ts";
import { parsePath } from "../../director/manifest/interpolation/path.ts";
import type { VariableDefinition } from "../../director/variables/definition.ts";
import { variableDefinitions } from "../../director/variables/definitions.ts";
import { bytesOfText } from "../../director/yaml/bytes.ts";
import { emitYaml } from "../../director/yaml/emit.ts";
import { parseYaml } from "../../director/yaml/parse.ts";
import type { YamlValue } from "../../director/yaml/value.ts";
import type { Command, CommandContext } from "../command.ts";
import { exitCode } from "../exit-codes.ts";
import { expanded, read, readStream } from "./interpolate-files.ts";
import { withReferences } from "./interpolate-references.ts";
import { type InterpolateOptions, staticVariables } from "./interpolate-variables.ts";

const repeatable = (value: string, previous: string[] = []): string[] => [...previous, value];

/** `-o=FILE` is the same as `-o FILE`. */
const repeatableFlag = (value: string, previous: string[] = []): string[] => repeatable(value.replace(/^=/, ""), previous);

export const interpolate: Command = {
  define(command: Commander) {
    command
      .argument("[manifest]", "file to interpolate; - for standard input")
      .option("-o, --ops-file <path>", "apply the operations of a YAML file; repeatable, in order", repeatableFlag)
      .option("-v, --var <name=value>", "set a variable; the value is YAML; repeatable", repeatableFlag)
      .option("--var-file <name=path>", "set a variable to the content of a file; repeatable", repeatable)
      .option("-l, --vars-file <path>", "load variables from a YAML file; repeatable", repeatableFlag)
      .option("--vars-env <prefix>", "load variables from the environment (MY loads MY_name=value); repeatable", repeatable)
      .option("--vars-store <path>", "load variables from a YAML file, generate what is missing into it")
      .option("--path <path>", "print only what stands at this path of the result, like /name or /instance_groups/name=web")
      .option("--var-errs", "fail when a variable is missing")
      .option("--var-errs-unused", "fail when a variable is not used")
      .addHelpText("after", "\nExample:\n  repave int cf.yml -o scale.yml -v system_domain=cf.example.com --vars-store vars.yml");
    for (const accepted of ["-n, --non-interactive", "--tty", "--no-color"]) command.addOption(command.createOption(accepted).hideHelp());
    command.allowExcessArguments(true);
  },

  async run(args, options, context) {
    const [manifest, ...extra] = args;
    if (manifest === undefined) throw new RepaveError("cli.usage", "the required argument `PATH` was not provided");
    if (extra.length > 0) throw new RepaveError("cli.usage", `'interpolate' does not support extra arguments: ${extra.join(", ")}`);
    try {
      const text = await interpolated(manifest, options as InterpolateOptions, context);
      if (context.ui.json) context.ui.data({ Tables: null, Blocks: [text], Lines: ["Succeeded"] });
      else context.ui.out(bytesOfText(text));
      return exitCode.ok;
    } catch (error) {
      if (!context.signal.aborted) throw error;
      context.ui.info("cancelled; what was generated so far is in the vars store");
      return exitCode.cancelled;
    }
  },
};

async function interpolated(manifest: string, options: InterpolateOptions, context: CommandContext): Promise<string> {
  const path = options.path === undefined ? undefined : parsePath(options.path);
  const operations: Operation[] = [];
  const sources: { file: string; text: string }[] = [];
  for (const file of options.opsFile ?? []) {
    const content = await read(file, context, `Reading ops file '${file}'`);
    operations.push(...opsOf(content, file));
    sources.push({ file, text: content.toString() });
  }
  const given = await staticVariables(options, { env: context.env, read: (file, step) => read(file, context, step), expand: (file) => expanded(file, context) });
  const content = manifest === "-" ? await readStream(context.stdin) : await read(expanded(manifest, context), context);
  sources.unshift({ file: manifest, text: content.toString() });
  const template = applyOps(parseYaml(content, { file: manifest }).value, operations);
  const value = await evaluated(template, { given, options, context }).catch((error: unknown) => {
    throw withReferences(error, sources);
  });
  const result = path === undefined ? value : findValue(value, path);
  return path !== undefined && typeof result === "string" ? `${result}\n` : emitYaml(result);
}

interface Evaluation {
  given: VariableSource;
  options: InterpolateOptions;
  context: CommandContext;
}

async function evaluated(template: YamlValue, { given, options, context }: Evaluation): Promise<YamlValue> {
  const { varsStore, varErrs: expectAllFound, varErrsUnused: expectAllUsed } = options;
  if (varsStore === undefined) return evaluateTemplate({ template, sources: [given], expectAllFound, expectAllUsed });
  if (varsStore === "") throw new RepaveError("cli.usage", "Expected file path to be non-empty");
  // loaded here only, so that a plain interpolation starts without them
  const { VarsStore } = await import("../../provider/variables/vars-store.ts");
  const { storeGenerator } = await import("../../provider/variables/store-generator.ts");
  const store = await VarsStore.openWhenNeeded(expanded(varsStore, context));
  const sources = [given, store];
  const generator = storeGenerator({ store, sources, now: () => new Date() });
  try {
    generator.expect(variableDefinitions(template));
    const generate = (definition: VariableDefinition): Promise<void> => {
      context.signal.throwIfAborted();
      return generator.generate(definition);
    };
    return await evaluateTemplate({ template, sources, generate, expectAllFound, expectAllUsed });
  } finally {
    await generator.close();
  }
}

function opsOf(content: Buffer, file: string): Operation[] {
  try {
    return parseOpsFile(content, { file });
  } catch (error) {
    throw error instanceof RepaveError && error.code === "ops.definition" ? error : wrapError(error, `Deserializing ops file '${file}'`);
  }
}
