# Completion of ipcvet for bash.
_ipcvet() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
  local commands="run targets report judge diff matrix merge baseline bisect list show explain calls check fuzz export lint fmt"
  local run_options="--filter --json --junit --html --ktap --kcidb --markdown --annotations --baseline --today --jobs --shard --repeat --shuffle --timeout --fail-fast --cases
    --actor --profile --on --records --program --targets-at-once --target-limit --journal"
  local output_options="--json --junit --html --ktap --kcidb --markdown --annotations"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$current")
    return
  fi
  case $previous in
    --json | --junit | --html | --page | --ktap | --kcidb | --markdown | --annotations | --csv | --baseline | --actor | --program | --journal) compopt -o default; return ;;
    --cases | --records) compopt -o dirnames; return ;;
    --on) mapfile -t COMPREPLY < <(compgen -W "$(ipcvet targets 2>/dev/null | sed -n 's/^\([^ []*\).*/\1/p')" -- "$current"); return ;;
    --profile) mapfile -t COMPREPLY < <(compgen -W "linux posix" -- "$current"); return ;;
    --mode) mapfile -t COMPREPLY < <(compgen -W "sequential actors concurrent" -- "$current"); return ;;
    --output) compopt -o dirnames; return ;;
    --filter) mapfile -t COMPREPLY < <(compgen -W "$(ipcvet list 2>/dev/null)" -- "$current"); return ;;
    --jobs | --shard | --repeat | --shuffle | --timeout | --targets-at-once | --target-limit | --time | --runs | --seed) return ;;
  esac
  case $command in
    export)
      if [[ $current == -* ]]; then
        COMPREPLY=(--c)
      else
        mapfile -t COMPREPLY < <(compgen -W "$(ipcvet list 2>/dev/null)" -- "$current")
      fi
      ;;
    fuzz)
      mapfile -t COMPREPLY < <(compgen -W "pipe fifo sysv-msg sysv-shm posix-shm process all --time --runs --mode --jobs
        --seed --output --actor --cases --keep --fail-fast --unreached --quiet" -- "$current")
      ;;
    show | explain) mapfile -t COMPREPLY < <(compgen -W "$(ipcvet list 2>/dev/null)" -- "$current") ;;
    run)
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$run_options" -- "$current")
      else
        compopt -o default
      fi
      ;;
    report | judge | merge)
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$output_options --profile --baseline --today" -- "$current")
      else
        compopt -o default
      fi
      ;;
    diff)
      if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "--markdown --json --html --strict --quiet" -- "$current")
      else
        compopt -o default
      fi
      ;;
    matrix)
      if [[ $previous == --by ]]; then
        mapfile -t COMPREPLY < <(compgen -W "requirement case observation" -- "$current")
      elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "--by --differing --csv --html --page --quiet" -- "$current")
      else
        compopt -o default
      fi
      ;;
    baseline)
      if [[ $COMP_CWORD -eq 2 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "update show" -- "$current")
      else
        compopt -o default
      fi
      ;;
    bisect) mapfile -t COMPREPLY < <(compgen -W "$(ipcvet list 2>/dev/null) --boot --good --repeat" -- "$current") ;;
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
