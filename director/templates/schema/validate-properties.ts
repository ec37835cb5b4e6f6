import type { TemplateMap } from "../values.ts";

export function validateProperties(_job: string, _schema: string, _properties: TemplateMap): void {}
