/** `GROUP/ID`: an instance's name for as long as it lives. */
export function instanceName(of: { group: string; instanceId: string }): string {
  return `${of.group}/${of.instanceId}`;
}
