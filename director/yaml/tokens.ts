/** What the scanner hands to the composer. */
export type TokenKind =
  | "stream-end"
  | "version-directive"
  | "tag-directive"
  | "document-start"
  | "document-end"
  | "block-sequence-start"
  | "block-mapping-start"
  | "block-end"
  | "flow-sequence-start"
  | "flow-sequence-end"
  | "flow-mapping-start"
  | "flow-mapping-end"
  | "block-entry"
  | "flow-entry"
  | "key"
  | "value"
  | "alias"
  | "anchor"
  | "tag"
  | "scalar";

export interface Token {
  kind: TokenKind;
  /** Index into the text. */
  start: number;
  end: number;
  /** Text of a scalar, name of an anchor or alias, handle of a tag or a tag directive. */
  text: string;
  /** Suffix of a tag, prefix of a tag directive. */
  suffix: string;
  /** Whether a scalar is plain: only plain ones may be anything but a string. */
  plain: boolean;
}
