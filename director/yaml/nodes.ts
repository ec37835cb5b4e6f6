interface NodePlace {
  /** Index into the text. */
  start: number;
}

export interface ScalarNode extends NodePlace {
  kind: "scalar";
  text: string;
  /** Full tag, `!`, or empty. */
  tag: string;
  /** Plain without a tag, or tagged `!`: the text may stand for something else than a string. */
  implicit: boolean;
}

export interface SequenceNode extends NodePlace {
  kind: "sequence";
  items: YamlNode[];
}

export interface MappingNode extends NodePlace {
  kind: "mapping";
  entries: [key: YamlNode, value: YamlNode][];
}

export interface AliasNode extends NodePlace {
  kind: "alias";
  name: string;
  target: Exclude<YamlNode, AliasNode>;
}

/** A document as written: aliases not yet followed, scalars not yet resolved, each with its place in the text. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;
