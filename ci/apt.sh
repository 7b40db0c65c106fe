# How ci/install and ci/kernels ask for suites of the distribution that are not configured; sourced, never run.

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
