import type { LinkConsumer, LinkProvider } from "./model.ts";

/** The Director's sentence for a link that found no provider, too many, or one on the wrong network. */
export function linkError(consumer: LinkConsumer, found: readonly LinkProvider[], network?: string): string {
  const details = found.length === 0 ? ["No link providers found"] : found.map((provider) => providerText(provider, network));
  const heading = found.length > 1 ? " Multiple link providers found:" : " Details below:";
  return `${consumerText(consumer)}${heading}\n${details.map((detail) => `    - ${detail}`).join("\n")}`;
}

function consumerText(consumer: LinkConsumer): string {
  const alias = consumer.name === consumer.originalName ? "" : `alias '${consumer.name}' and `;
  const link = `Failed to resolve link '${consumer.originalName}' with ${alias}type '${consumer.type}' from`;
  return consumer.kind === "variable" ? `${link} variable '${consumer.job}'.` : `${link} job '${consumer.job}' in instance group '${consumer.instanceGroup}'.`;
}

function providerText(provider: LinkProvider, network: string | undefined): string {
  if (provider.kind === "disk") {
    const text = `Disk link provider '${provider.originalName}' from instance group '${provider.instanceGroup}'`;
    return network === undefined ? text : `${text} does not contain any networks`;
  }
  const alias = provider.name === provider.originalName ? "" : `with alias '${provider.name}' `;
  const text = `Link provider '${provider.originalName}' ${alias}from job '${provider.job}' in instance group '${provider.instanceGroup}' in deployment '${provider.deployment}'`;
  return network === undefined ? text : `${text} does not belong to network '${network}'`;
}
