/** The little of Koffi that is used here. It is a blob of the release, and no dependency of the checkout. */
declare module "koffi" {
  interface Library {
    func(declaration: string): (...args: (number | string | Buffer)[]) => number;
  }
  const koffi: { load(library: string): Library; errno(): number };
  export default koffi;
}
