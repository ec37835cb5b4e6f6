/** Type tokens of our resources and functions, as the engine and the state know them. */
export const token = (name: string): string => `repave:index:${name}`;
