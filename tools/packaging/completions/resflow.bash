# bash completion for resflow and its tools. It reads the options from their --help, so it cannot be out of date.
_resflow() {
  local help
  help=$("$1" --help 2>/dev/null)
  COMPREPLY=()
  if [[ $3 == -* ]] && grep -qE -e "$3( \[ --[a-z-]+)?( \])? (<file>|file)" <<<"$help"; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$2")
  elif [[ $2 == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(grep -oE -e '--[A-Za-z][A-Za-z-]*' <<<"$help")" -- "$2")
  else
    mapfile -t COMPREPLY < <(compgen -W "$(sed -n '/^Modes:/,/^$/s/^  \([a-z]*\)  .*/\1/p' <<<"$help")" -- "$2")
  fi
}
complete -F _resflow resflow resflow-bench resflow-dot resflow-replay
