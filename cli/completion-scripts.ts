/** What a shell is told of one command: its names, its options, and the verbs it has. */
export interface CompletionEntry {
  names: readonly string[];
  summary: string;
  options: readonly string[];
  verbs: readonly { name: string; options: readonly string[] }[];
  /** Takes instances: their names are asked for when they are needed. */
  instances: boolean;
}

const INSTANCES = "repave completion --instances 2>/dev/null";

export const completionScripts: Readonly<Record<string, (entries: readonly CompletionEntry[]) => string>> = { bash, zsh, fish };

function bash(entries: readonly CompletionEntry[]): string {
  const cases = entries.map(({ names, options, verbs, instances }) => {
    const own = [...verbs.map((v) => v.name), ...options, ...verbs.flatMap((v) => v.options)];
    const words = `words="${[...new Set(own)].join(" ")}"`;
    return `    ${names.join("|")}) ${words}${instances ? `; [[ $cur == -* ]] || words="$words $(${INSTANCES})"` : ""} ;;`;
  });
  return `# repave completion bash > /etc/bash_completion.d/repave, or: source <(repave completion bash)
_repave() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${entries.flatMap((e) => e.names).join(" ")} help --version" -- "$cur"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _repave repave
`;
}

function zsh(entries: readonly CompletionEntry[]): string {
  return `#compdef repave
# repave completion zsh > "\${fpath[1]}/_repave", or: source <(repave completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash(entries)}`;
}

function fish(entries: readonly CompletionEntry[]): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = entries.flatMap(({ names, summary, options, verbs, instances }) => {
    const within = `-n ${quoted(`__fish_seen_subcommand_from ${names.join(" ")}`)}`;
    return [
      ...names.map((name) => `complete -c repave -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`),
      ...verbs.map(({ name }) => `complete -c repave ${within} -f -a ${name}`),
      ...[...new Set([...options, ...verbs.flatMap((v) => v.options)])].map((option) => `complete -c repave ${within} -l ${option.slice(2)}`),
      ...(instances ? [`complete -c repave ${within} -f -a ${quoted(`(${INSTANCES})`)}`] : []),
    ];
  });
  return `# repave completion fish > ~/.config/fish/completions/repave.fish\n${lines.join("\n")}\n`;
}
