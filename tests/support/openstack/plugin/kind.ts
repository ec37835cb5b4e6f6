import { z } from "zod";
import { changedKeys, PartialFailure, type ResourceKind } from "../../../../provider/resource-kind.ts";
import type { Api } from "./api.ts";

export type Fields = Record<string, any>;

export interface Part {
  /** `compute/instance:Instance` */
  type: string;
  /** Inputs whose change the provider's documents say makes another object. */
  replace: readonly string[];
  /** Known from the API only: unknown in a preview. */
  create(api: Api, inputs: Fields): Promise<{ id: string; outputs?: Fields }>;
  /** Called once the object is there, with what may still fail: then the engine keeps the object. */
  ready?(api: Api, id: string, inputs: Fields): Promise<Fields | void>;
  update?(api: Api, id: string, olds: Fields, news: Fields, changed: readonly string[]): Promise<void>;
  remove(api: Api, id: string, state: Fields): Promise<void>;
  /** The path to look it up by. */
  isThere(api: Api, id: string, state: Fields): Promise<boolean>;
}

/** A resource of the stand-in: the documented replace list decides, as in the real provider. */
export function kindOf(part: Part, api: () => Api): ResourceKind<Fields, Fields> {
  const keysOf = (...maps: Fields[]) => [...new Set(maps.flatMap((map) => Object.keys(map)))].filter((key) => !key.startsWith("__"));
  return {
    type: `openstack:${part.type}`,
    schema: z.record(z.string(), z.any()),
    diff(_olds, news, oldInputs) {
      const changed = changedKeys(oldInputs, news, keysOf(oldInputs, news));
      return { changed, replace: changed.filter((key) => part.replace.includes(key)), deleteBeforeReplace: false };
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
      const changed = changedKeys(olds, news, Object.keys(news));
      await part.ready?.(api(), id, news);
      if (changed.length > 0) {
        if (!part.update) throw new Error(`${part.type} has no update in place: ${changed.join(", ")}`);
        await part.update(api(), id, olds, news, changed);
      }
      return { ...olds, ...news };
    },
    delete: (id, state) => part.remove(api(), id, state),
    read: async (id, state) => ((await part.isThere(api(), id, state)) ? state : undefined),
  };
}
