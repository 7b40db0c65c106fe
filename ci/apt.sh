# How scripts of this folder ask for suites of the distribution that are not configured; sourced, never run.

# Prints the configured entry of suite $1 as an entry of suite $2: deb822 stanzas from *.sources files, or
# else a line of a sources.list; address, options and keys are kept as they are.
derive_deb822() {
  # A file's last stanza may end without an empty line.
  for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -r "$file" ] || { cat "$file" && echo; }
  done | awk -v from="$1" -v to="$2" '
    function flush_stanza() { if (wanted && enabled && !printed) { printf "%s", stanza; printed = 1 }
                              stanza = ""; wanted = 0; enabled = 1; skip = 0 }
    BEGIN { enabled = 1 }
    /^#/ { next }
    /^[ \t]*$/ { flush_stanza(); next }
    /^[ \t]/ { if (!skip) stanza = stanza $0 "\n"; next }
    {
      skip = 0; key = tolower($1)
      if (key == "types:") { stanza = stanza "Types: deb\n"; next }
      if (key == "components:") { stanza = stanza "Components: main\n"; next }
      if (key == "enabled:" && tolower($2) == "no") enabled = 0
      if (key == "suites:") {
        for (i = 2; i <= NF; i++) if ($i == from) wanted = 1
        stanza = stanza "Suites: " to "\n"; skip = 1; next
      }
      stanza = stanza $0 "\n"
    }
    END { flush_stanza() }'
}
derive_one_line() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk -v from="$1" -v to="$2" '
    $1 == "deb" {
      head = "deb"; i = 2
      if ($2 ~ /^\[/) { while (1) { head = head " " $i; if ($i ~ /\]$/) break; i++ } i++ }
      if ($(i + 1) == from) { print head, $i, to, "main"; exit }
    }'
}

# What follows asks in a state of apt's of its own, the folder $state, so that this system's sources stay as they are.
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

# entry_of SUITE: one as configured for this system's own release, of the same archive.
entry_of() {
  case $1 in *-security) own=$codename-security ;; *) own=$codename ;; esac
  entry=$(derive_deb822 "$own" "$1")
  [ -n "$entry" ] || entry=$(derive_one_line "$own" "$1")
  printf '%s\n' "$entry"
}

# Writes the sources of the wanted suites, stanzas and lines each in a file that apt takes for such.
write_sources() {
  rm -rf "$state/parts"
  mkdir -p "$state/parts" "$state/state/lists/partial" "$state/cache/archives/partial"
  for suite in $(echo "$@" | tr ' ' '\n' | sort -u); do
    entry=$(entry_of "$suite")
    case $entry in
      '') ;;
      deb*) printf '%s\n' "$entry" >"$state/parts/$suite.list" ;;
      *) printf '%s\n' "$entry" >"$state/parts/$suite.sources" ;;
    esac
  done
  [ -n "$(ls "$state/parts")" ] || die "no apt source of $codename is configured to derive others from"
}

# apt COMMAND...: with that state. What is installed here is no matter to it; an old suite's index may have run out.
apt() {
  program=$1
  shift
  "$program" -q -o Dir::State="$state/state" -o Dir::Cache="$state/cache" -o Dir::State::status=/dev/null \
    -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$state/parts" -o Acquire::Languages=none \
    -o Acquire::Check-Valid-Until=false -o Acquire::Retries=3 -o APT::Sandbox::User= "$@"
}

# fetch_package PACKAGE: unpacks it in $work/root; false where there is no such package, or none to be had any more.
fetch_package() {
  [ -n "$(apt apt-cache search -n "^$(echo "$1" | sed 's/[+.]/\\&/g')\$")" ] || return 1
  (cd "$work" && apt apt-get download "$1" >apt.log 2>&1) || {
    say "$1 cannot be had: $(tail -n 1 "$work/apt.log")"
    return 1
  }
  dpkg-deb -x "$work/"*.deb "$work/root"
  rm "$work/"*.deb
}
