/** Ruby's `String#strip`: blanks and NULs at the end, blanks at the start. */
export function rubyStrip(text: string): string {
  return text.replace(/^[\0\t\n\v\f\r ]+/, "").replace(/[\0\t\n\v\f\r ]+$/, "");
}

/** A header and, two blanks deeper, its body: how each level of the Director's render errors is printed. */
export function nest(header: string, body: string): string {
  return `${header}\n${body
    .split("\n")
    .map((line, i, all) => (i === all.length - 1 && line === "" ? "" : `  ${line}`))
    .join("\n")}`;
}

/** The text for one failed template; `line` is null when the failure has no line of the template. */
export function templateError(source: string, line: number | string | null, message: string): string {
  return `Error filling in template '${source}' (line ${line ?? "(unknown)"}: ${message})`;
}

/**
 * Ruby's own error for a template that is no Ruby, as people need it: the parser's text names file and line (`JOB/SOURCE:4: `), which has no
 * place in a back trace, and colours its excerpt whether or not a terminal shows it. Undefined for any other failure.
 */
export function syntaxError(file: string, line: string, message: string): { line: string; message: string } | undefined {
  if (line !== "(unknown)" || !message.startsWith(`${file}:`)) return undefined;
  const found = /^(\d+): syntax error/.exec(message.slice(file.length + 1))?.[1];
  return found === undefined ? undefined : { line: found, message: message.replace(colours, "") };
}

const colours = /\u001b\[[0-9;]*m/g;

/** All failed templates of one job. */
export function jobError(job: string, templateErrors: readonly string[]): string {
  const body = templateErrors.map((text) => `- ${rubyStrip(text)}`).join("\n");
  return nest(`- Unable to render templates for job '${job}'. Errors are:`, rubyStrip(body));
}

/** All failed jobs of one instance; a failed `monit` stands there without a job header, as the Director prints it. */
export function instanceError(group: string, jobErrors: readonly string[]): string {
  return nest(`- Unable to render jobs for instance group '${group}'. Errors are:`, rubyStrip(jobErrors.map(rubyStrip).join("\n")));
}

/** All failed instance groups of a deployment, each text from `instanceError`. */
export function deploymentError(groupErrors: readonly string[]): string {
  return nest("Unable to render instance groups for deployment. Errors are:", rubyStrip(groupErrors.map(rubyStrip).join("\n")));
}
