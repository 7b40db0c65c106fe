# Completion of ipcvet for bash.
_ipcvet() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
  local commands="run report judge list show explain calls check lint fmt"
  local run_options="--filter --json --junit --html --jobs --shard --repeat --shuffle --timeout --fail-fast --cases
    --actor --profile"
  local output_options="--json --junit --html"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$current")
    return
  fi
  case $previous in
    --json | --junit | --html | --actor) compopt -o default; return ;;
    --cases) compopt -o dirnames; return ;;
    --profile) mapfile -t COMPREPLY < <(compgen -W "linux posix" -- "$current"); return ;;
    --filter) mapfile -t COMPREPLY < <(compgen -W "$(ipcvet list 2>/dev/null)" -- "$current"); return ;;
    --jobs | --shard | --repeat | --shuffle | --timeout) return ;;
  esac
  case $command in
    show | explain) mapfile -t COMPREPLY < <(compgen -W "$(ipcvet list 2>/dev/null)" -- "$current") ;;
    run)
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$run_options" -- "$current")
      else
        compopt -o default
      fi
      ;;
    report | judge)
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$output_options --profile" -- "$current")
      else
        compopt -o default
      fi
      ;;
    list)
      if [[ $previous == --tag ]]; then
        mapfile -t COMPREPLY < <(compgen -W "blocking exec falsifier memory signals stress table threads" -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -W "--mechanism --tag --requirement --need --rows --brief --json --cases" -- "$current")
      fi
      ;;
    check)
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "--filter --profile --coverage --quiet --cases" -- "$current")
      else
        compopt -o default
      fi
      ;;
    fmt) [[ $current == -* ]] && COMPREPLY=(--check) || compopt -o default ;;
    *) compopt -o default ;;
  esac
}
complete -F _ipcvet ipcvet
