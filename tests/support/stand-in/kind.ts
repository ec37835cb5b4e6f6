import { z } from "zod";
import { changedKeys, PartialFailure, type ResourceKind } from "../../../provider/resource-kind.ts";

export type Fields = Record<string, any>;

/** One resource of a provider that no plugin can be had for, over the cloud's own API. */
export interface Part<Api> {
  /** As in the SDK: `aws:ec2/vpc:Vpc`. */
  type: string;
  /** Inputs whose change the provider's documents say makes another object. */
  replace: readonly string[] | ((olds: Fields, news: Fields, changed: readonly string[]) => string[]);
  /** Outputs that are secret in the state. */
  secrets?: readonly string[];
  create(api: Api, inputs: Fields): Promise<{ id: string; outputs?: Fields }>;
  /** Called once the object is there, with what may still fail: then the engine keeps the object. */
  ready?(api: Api, id: string, inputs: Fields): Promise<Fields | void>;
  update?(api: Api, id: string, olds: Fields, news: Fields, changed: readonly string[]): Promise<void>;
  remove(api: Api, id: string, state: Fields): Promise<void>;
  isThere(api: Api, id: string, state: Fields): Promise<boolean>;
}

/** A resource of the stand-in: the documented replace list decides, as in the real provider. */
export function kindOf<Api>(part: Part<Api>, api: () => Api): ResourceKind<Fields, Fields> {
  const keysOf = (...maps: Fields[]) => [...new Set(maps.flatMap((map) => Object.keys(map)))].filter((key) => !key.startsWith("__"));
  return {
    type: part.type,
    schema: z.record(z.string(), z.any()),
    secretOutputs: [...(part.secrets ?? [])],
    diff(_olds, news, oldInputs) {
      const changed = changedKeys(oldInputs, news, keysOf(oldInputs, news));
      const { replace } = part;
      return { changed, replace: typeof replace === "function" ? replace(oldInputs, news, changed) : changed.filter((key) => replace.includes(key)), deleteBeforeReplace: false };
    },
    foresee: (news, olds) => (olds ? { ...olds, ...news } : {}),
    async create(news) {
      const { id, outputs } = await part.create(api(), news);
      try {
        const more = await part.ready?.(api(), id, news);
        return { id, state: { ...news, ...outputs, ...more } };
      } catch (error) {
        throw new PartialFailure(id, { ...news, ...outputs }, error as Error);
      }
    },
    async update(id, olds, news) {
      const changed = changedKeys(olds, news, keysOf(news));
      const more = await part.ready?.(api(), id, news);
      if (changed.length > 0) {
        if (!part.update) throw new Error(`${part.type} has no update in place: ${changed.join(", ")}`);
        await part.update(api(), id, olds, news, changed);
      }
      return { ...olds, ...news, ...more };
    },
    delete: (id, state) => part.remove(api(), id, state),
    read: async (id, state) => ((await part.isThere(api(), id, state)) ? state : undefined),
  };
}
