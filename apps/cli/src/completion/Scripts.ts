/** The word that makes `keysweep` answer a shell: `keysweep __complete WORD…`, the last being the one at the cursor. */
export const completeWord = "__complete"

/**
 * What a shell needs to ask for candidates. Names of keys are foreign text, so nothing that comes back is ever evaluated
 * or expanded: bash's `compgen -W` would.
 */
export const scripts = {
  bash: `# Completion of keysweep for bash. In ~/.bashrc:  eval "$(keysweep completion bash)"
_keysweep() {
  local kind= line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("\${line%%$'\\t'*}"); fi
  done < <(command keysweep ${completeWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $kind == files ]]; then compopt -o default 2>/dev/null; fi
}
complete -F _keysweep keysweep
`,
  zsh: `#compdef keysweep
# Completion of keysweep for zsh. In ~/.zshrc, after compinit:  eval "$(keysweep completion zsh)"
_keysweep() {
  local line
  local -a lines values shown
  lines=("\${(@f)$(command keysweep ${completeWord} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == files ]]; then _files; return; fi
  for line in "\${(@)lines[2,-1]}"; do
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  -- }")
  done
  compadd -l -d shown -a values
}
compdef _keysweep keysweep
`,
  fish: `# Completion of keysweep for fish. In ~/.config/fish/config.fish:  keysweep completion fish | source
function __keysweep_complete
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  set -l lines (command keysweep ${completeWord} $before[2..-1] "$current" 2>/dev/null)
  if test "$lines[1]" = files
    __fish_complete_path "$current"
  else
    printf '%s\\n' $lines[2..-1]
  end
end
complete -c keysweep -f -a '(__keysweep_complete)'
`
} as const
