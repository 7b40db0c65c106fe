# Completion of ipcvet for fish.
set -l commands run report judge list show explain calls check lint fmt
complete -c ipcvet -f
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a run -d 'Run cases and judge them'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a report -d 'Write reports of a record'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a judge -d 'Judge a recorded run again'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a list -d 'List cases'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a show -d 'Print a case with its rows expanded'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a explain -d 'Say what a case or requirement is about'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a calls -d 'List the calls a case can make'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a check -d 'Hold cases against the model'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a lint -d 'Report mistakes in case files'
complete -c ipcvet -n "not __fish_seen_subcommand_from $commands" -a fmt -d 'Write case files in their canonical form'
complete -c ipcvet -n "__fish_seen_subcommand_from show explain" -a '(ipcvet list 2>/dev/null)'
complete -c ipcvet -n "__fish_seen_subcommand_from run check lint fmt" -F
complete -c ipcvet -n "__fish_seen_subcommand_from fmt" -l check -d 'Only tell'
set -l check "__fish_seen_subcommand_from check"
complete -c ipcvet -n $check -l filter -x -a '(ipcvet list 2>/dev/null)' -d 'Only instances whose id matches'
complete -c ipcvet -n $check -l profile -x -a 'linux posix' -d 'What to judge by'
complete -c ipcvet -n $check -l coverage -d 'Rules that no case reached'
complete -c ipcvet -n $check -l quiet -d 'Only sums of what is not modelled'
set -l list "__fish_seen_subcommand_from list"
complete -c ipcvet -n $list -l mechanism -x -d 'Only cases of these mechanisms'
complete -c ipcvet -n $list -l tag -x -a 'blocking exec falsifier memory signals stress table threads' -d 'Only cases of this sort'
complete -c ipcvet -n $list -l requirement -x -d 'Only cases that cite these'
complete -c ipcvet -n $list -l need -x -d 'Only cases that need these'
complete -c ipcvet -n $list -l rows -d 'One line a row'
complete -c ipcvet -n $list -l brief -d 'With what each is about'
complete -c ipcvet -n $list -l json -d 'All that the headers say'
set -l run "__fish_seen_subcommand_from run"
complete -c ipcvet -n $run -l filter -x -a '(ipcvet list 2>/dev/null)' -d 'Only cases whose id matches'
set -l outputs "__fish_seen_subcommand_from run report judge"
complete -c ipcvet -n $outputs -l json -r -F -d 'Write the record'
complete -c ipcvet -n $outputs -l junit -r -F -d 'Write JUnit XML'
complete -c ipcvet -n $outputs -l html -r -F -d 'Write a page to read'
complete -c ipcvet -n "__fish_seen_subcommand_from report judge" -F
complete -c ipcvet -n "__fish_seen_subcommand_from judge" -l profile -x -a 'linux posix' -d 'What to judge by'
complete -c ipcvet -n $run -l jobs -x -d 'Cases at once'
complete -c ipcvet -n $run -l shard -x -d 'The I-th of N parts'
complete -c ipcvet -n $run -l repeat -x -d 'Every case N times'
complete -c ipcvet -n $run -l shuffle -x -d 'Another order'
complete -c ipcvet -n $run -l timeout -x -d 'Limit of one case, in seconds'
complete -c ipcvet -n $run -l fail-fast -d 'Stop at the first deviation'
complete -c ipcvet -n $run -l cases -x -a '(__fish_complete_directories)' -d 'Cases of a directory'
complete -c ipcvet -n $run -l actor -r -F -d 'Another build of the actor'
complete -c ipcvet -n $run -l profile -x -a 'linux posix' -d 'What to judge by'
