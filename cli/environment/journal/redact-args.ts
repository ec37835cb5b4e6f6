const VALUE = "[secret]";
const variable = /^(?:-v|--var)$/;
const attached = /^(-v=?|--var=)([^=]+)=/s;
const named = /^(?<name>-{0,2}[\w./-]*(?:pass|secret|token|credential|private|passphrase)[\w./-]*)=/is;

/**
 * The arguments of a command as its journal may keep them: without the values of variables (`-v NAME=VALUE`), without what has the name
 * of a credential, and without the user and password of a URL.
 */
export function redactArgs(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    if (variable.test(args[i - 1] ?? "")) return arg.includes("=") ? `${arg.slice(0, arg.indexOf("="))}=${VALUE}` : VALUE;
    const begin = attached.exec(arg)?.[0] ?? named.exec(arg)?.[0];
    if (begin !== undefined) return `${begin}${VALUE}`;
    return arg.replace(/^(\w[\w+.-]*:\/\/)[^/@\s]+@/, `$1${VALUE}@`);
  });
}
