import * as pulumi from "@pulumi/pulumi";

interface OutputParts<T> {
  promise(withUnknowns: boolean): Promise<T>;
  isKnown: Promise<boolean>;
  isSecret: Promise<boolean>;
}

type OutputOfParts = new <T>(resources: Set<pulumi.Resource>, value: Promise<T>, isKnown: Promise<boolean>, isSecret: Promise<boolean>, all: Promise<Set<pulumi.Resource>>) => pulumi.Output<T>;

/**
 * The same value, known and secret as before, without the resources it came from: for what gathers values of every instance and waits
 * for all of them by other edges already. The state would have each of those resources twice, and the engine would ask, whenever it
 * replaces one of them, what becomes of what they went into.
 */
export function unlinked<T>(value: pulumi.Output<T>): pulumi.Output<T> {
  const { promise, isKnown, isSecret } = value as unknown as OutputParts<T>;
  return new (pulumi.Output as unknown as OutputOfParts)(new Set(), promise(true), isKnown, isSecret, Promise.resolve(new Set<pulumi.Resource>()));
}
