/** Something on an IaaS that carries an environment's name, and that no state knows. */
export interface Stray {
  id: string;
  /** What it is and what it is called: `port dep-web-…`. */
  about: string;
  remove(): Promise<void>;
}
