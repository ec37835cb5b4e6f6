import { descriptionOf } from "../../components/iaas/tags.ts";
import { IaasError } from "../../director/core/errors.ts";
import type { Stray } from "../../provider/strays.ts";
import type { CommandContext } from "../command.ts";
import type { Session } from "../environment/session.ts";
import { exportStack, type StackExport } from "../environment/state.ts";

type Finder = (env: NodeJS.ProcessEnv, mark: { environment: string; description: string }, known: ReadonlySet<string>) => Promise<Stray[]>;

/** Clouds whose calls can be carried out without an answer, by their provider: those that keep a token or a name make nothing twice. */
const finders: Readonly<Record<string, () => Promise<Finder>>> = {
  openstack: async () => (await import("../../provider/openstack/strays.ts")).openstackStrays,
};

/** What the IaaS has of the stack's environments that the state does not know; nothing where it can't be asked, which doctor tells. */
export async function lookForStrays(session: Session, stack: StackExport): Promise<Stray[]> {
  const resources = stack.deployment.resources ?? [];
  const known = new Set(resources.flatMap(({ id }) => (id === undefined ? [] : [id])));
  const environments = resources.filter(({ type }) => type === "repave:index:Environment").map(({ urn }) => urn.split("::").at(-1)!);
  const clouds = Object.keys(finders).filter((cloud) => resources.some(({ type }) => type === `pulumi:providers:${cloud}`));
  const ask = async (cloud: string, environment: string): Promise<Stray[]> => (await finders[cloud]!())(session.env, { environment, description: descriptionOf(environment) }, known);
  const unlessMute = (error: unknown): Stray[] => {
    if (error instanceof IaasError) return [];
    throw error;
  };
  return (await Promise.all(clouds.flatMap((cloud) => environments.map((environment) => ask(cloud, environment).catch(unlessMute))))).flat();
}

/** After an update that failed: says what it may have made without knowing. */
export async function reportStrays(session: Session, context: CommandContext): Promise<void> {
  const strays = await lookForStrays(session, await exportStack(session, { secrets: false }));
  if (strays.length === 0) return;
  context.ui.info(`made without an answer, so that the state does not know: ${strays.map(({ about, id }) => `${about} (${id})`).join(", ")}`);
  context.ui.info(`next: repave repair ${session.environment} --resolution delete_object, if no other environment of this name has them; then repave up ${session.environment}`);
}
