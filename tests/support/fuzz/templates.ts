import assert from "node:assert/strict";
import path from "node:path";
import { readTemplateSpec } from "../../../director/templates/job-spec.ts";
import { instanceInput, type RubyRenderer } from "../../../provider/templates/index.ts";
import { instanceContext } from "../render-one.ts";
import type { FuzzTarget } from "./campaign.ts";
import { yamlPieces } from "./documents.ts";
import { mutatedText, mutatedTree, pick, type Random } from "./mutate.ts";

const spec = `---
name: web
templates:
  ctl.erb: bin/ctl
  config.yml.erb: config/config.yml
properties:
  port: {default: 8080}
  tls.certificate: {description: PEM}
  users: {default: [{name: admin, roles: [a, b]}]}
  ratio: {default: 1.0}
`;

const templates: Record<string, string> = {
  monit: "check process web\n  group vcap\n",
  "ctl.erb": '#!/bin/sh\nexec web --port <%= p("port") %> --id <%= spec.id %>\n<% if_p("tls.certificate") do |pem| -%>\n# <%= pem.lines.first %>\n<% end.else do -%>\n# plain\n<% end -%>\n',
  "config.yml.erb": '<%= { "users" => p("users").map { |u| u["name"] }, "peers" => link("db").instances.map(&:address), "at" => link("db").address(azs: ["z1"]) }.to_yaml %>\n<%= p("ratio") %>\n',
};

const db = {
  deployment_name: "dep",
  domain: "bosh",
  default_network: "default",
  instance_group: "db",
  properties: { port: 5432 },
  instances: [{ name: "db", id: "i-1", index: 0, bootstrap: true, az: "z1", address: "10.0.0.5" }],
};

const input = {
  ...instanceContext,
  networks: { default: { type: "manual", ip: "10.0.0.1", default: ["dns", "gateway"] } },
  release: { name: "r", version: "1" },
  properties: { port: 1, tls: { certificate: "a\nb" } },
  links: { db },
  dns: { azs: { z1: 1 }, networks: { default: 1 }, instances: { "i-1": 1 }, groups: [{ group_type: "instance-group", group_name: "db", deployment: "dep", id: 3 }] },
};

const rubyPieces = ["<%= ", " %>", "<% ", "-%>", "<%% ", "end", " do |x| ", "nil", 'p("port")', 'p("a.b", 1)', 'link("x")', "spec.", ".to_json", ".fetch(0)", "[0]", " + 1", "raise 'x'", "#{", "}", "\n", "\0", "\u{10ffff}", "exit", "abort", "throw :x", "File.read('/etc/passwd')", "File.write('/tmp/fuzz-escape', 'x')", "`id`", "ENV['HOME']", "require 'socket'", "def p(*) = 1", "$stdout = nil", "at_exit { }", "'x' * 9_000_000", "1 / 0", "loop { break }", "ObjectSpace.each_object", "retry", "redo", "__END__\n", "=begin\n"];

/** Templates, a job's spec and the render input, one of them mutated. What is rendered must stay in the job's folder, and the renderer must stay good. */
export function templateTarget(renderer: RubyRenderer): FuzzTarget {
  const render = async (specText: string, content: (source: string) => string, json: string) => {
    const { name, templates: listed, properties } = readTemplateSpec(specText);
    const job = { name, properties, propertiesSchema: undefined, monit: Buffer.from(content("monit")), templates: listed.map(({ src, dest }) => ({ src, dest, content: Buffer.from(content(src)) })) };
    return renderer.renderInstance(instanceInput(json, job));
  };
  const source = (name: string) => templates[name] ?? "";
  let clean: string | undefined;
  return {
    name: "template inputs",
    // An endless template ends after the renderer's own limit.
    slowest: 30_000,
    async round(random) {
      const [specText, content, json] = mutated(random, source);
      const { jobs, configurationHash } = await render(specText, content, json);
      for (const file of jobs.flatMap((job) => job.files)) assert.ok(isBelow(file.dest), `'${file.dest}' is outside`);
      return { answer: configurationHash };
    },
    unclear: ["render.broken", "render.start"],
    checkEvery: 500,
    async check() {
      const { configurationHash } = await render(spec, source, JSON.stringify(input));
      assert.equal(configurationHash, (clean ??= configurationHash), "the renderer renders as at the beginning");
    },
  };
}

function mutated(random: Random, source: (name: string) => string): [string, (name: string) => string, string] {
  switch (random(4)) {
    case 0:
      return [mutatedText(spec, random, yamlPieces), source, JSON.stringify(input)];
    case 1: {
      const target = pick(random, Object.keys(templates));
      const text = mutatedText(source(target), random, rubyPieces);
      return [spec, (name) => (name === target ? text : source(name)), JSON.stringify(input)];
    }
    case 2:
      return [spec, source, mutatedText(JSON.stringify(input), random, ['"', "{", "}", "[", "]", ",", ":", "1e999", "-", "null", "\\u0000", "\\ud800", "[".repeat(600), "01", "1.0"])];
    default:
      return [spec, source, JSON.stringify(mutatedTree(input, random))];
  }
}

function isBelow(dest: string): boolean {
  return !path.isAbsolute(path.relative("/job", path.join("/job", dest))) && path.join("/job", dest).startsWith("/job/");
}
