/** Shells that `mcmp completion` knows. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * The candidates come from the program itself, through yargs, so that the scripts never age. yargs looks at SHELL for the
 * form of its answer; that variable names the login shell, which need not be the one that asks.
 */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# mcmp completion for bash. To use it: source <(mcmp completion bash)
_mcmp_complete() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(SHELL=bash mcmp --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mcmp_complete mcmp
`,
  zsh: `#compdef mcmp
# mcmp completion for zsh. To use it: source <(mcmp completion zsh)
_mcmp() {
  local -a candidates
  candidates=("\${(@f)$(SHELL=zsh mcmp --get-yargs-completions "\${(@)words[1,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then _describe mcmp candidates; else _files; fi
}
compdef _mcmp mcmp
`,
  fish: `# mcmp completion for fish. To use it: mcmp completion fish | source
complete --command mcmp --arguments '(SHELL=fish mcmp --get-yargs-completions (commandline --tokenize --cut-at-cursor) (commandline --current-token) 2>/dev/null)'
`,
};

/** A script that teaches a shell to complete `mcmp`. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
