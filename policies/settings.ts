/** Schemas of settings, each with its default. */
export const names = (description: string, value: string[] = []) => ({ type: "array" as const, items: { type: "string" as const }, description, default: value });

export const texts = (description: string, value: Record<string, string> = {}) => ({ type: "object" as const, additionalProperties: { type: "string" as const }, description, default: value });

export const amount = (description: string, value: number) => ({ type: "number" as const, minimum: 0, description, default: value });

export const amounts = (description: string, value: Record<string, number> = {}) => ({ type: "object" as const, additionalProperties: { type: "number" as const }, description, default: value });
