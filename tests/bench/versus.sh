#!/usr/bin/env bash
# resflow beside another RES gateway, such as Resgate: prints the table of README.md. The two take turns; each figure is
# the median of all rounds, so that a machine which has other things to do disturbs both alike. A gateway that fails on
# a row has no figure there. Nothing is asserted.
#
#   tests/bench/versus.sh ROUNDS OTHER-GATEWAY [DIRECTORY OF THE PROGRAMS]
set -euo pipefail

readonly ROUNDS=$1 OTHER=$2 BIN=${3:-build/release}
readonly BENCH=$BIN/resflow-bench PORT=8378 NATS_PORT=4378
. "${BASH_SOURCE[0]%/*}/measure.sh"

median() { # of numbers, one a line
  sort -g | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; else print "-" }'
}

plain() { # without an exponent
  if [[ $1 == *e+* ]]; then printf '%.0f' "$1"; else printf '%s' "$1"; fi
}

# compare MODE OPTIONS...: the rounds of one load, for the rows that follow.
compare() {
  load=$*
  rm -f "$scratch"/*.round
  for ((round = 0; round < ROUNDS; ++round)); do
    if measure "$BIN/resflow" "$@"; then mv "$scratch/figures" "$scratch/ours$round.round"; fi
    if measure "$OTHER" "$@"; then mv "$scratch/figures" "$scratch/theirs$round.round"; fi
  done
}

# of WHOSE FIGURE: its median over the rounds.
of() {
  for run in "$scratch/$1"*.round; do
    if [[ -e $run ]]; then printf '%s\n' "$(figure "$2" "$run")"; fi
  done | median
}

# row WHAT FIGURE
row() {
  local ours theirs ratio=
  ours=$(of ours "$2")
  theirs=$(of theirs "$2")
  if [[ $ours != - && $theirs != - ]]; then
    ratio=$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2g", a < b ? b / a : a / b }')
  fi
  printf '| %s | `%s` | %s | %s | %s |\n' "$1" "$load" "$(plain "$ours")" "$(plain "$theirs")" "$(plain "$ratio")"
}

start_nats
printf '| | resflow-bench | resflow | %s | times |\n| --- | --- | ---: | ---: | ---: |\n' "${OTHER##*/}"
compare fanout --conns 1000 --secs 2
row 'event to 1,000 clients, CPU us a client' cpu_us_per_frame
row 'the same, deliveries a second' frames_per_s
compare fanout --conns 1000 --rate 200 --secs 2
row 'the same at 200 events a second, CPU us' cpu_us_per_frame
compare fanout --conns 1 --rate 1000 --secs 2
row 'event to one client, CPU us' cpu_us_per_frame
row 'the same, median latency, us' p50_us
compare spread --conns 2000 --secs 2
row 'events on 2,000 models, CPU us each' cpu_us_per_frame
compare call --conns 1 --window 1 --secs 2
row 'one call at a time, median latency, us' p50_us
compare call --conns 50 --window 16 --secs 2
row 'many calls, CPU us each' cpu_us_per_call
row 'the same, calls a second' calls_per_s
compare tree --conns 500 --items 100
row '500 clients get 100 models, CPU us a model' cpu_us_per_resource
compare tree --conns 1 --items 20000
row 'one client gets 20,000 models, CPU us each' cpu_us_per_resource
compare idle --conns 5000
row 'a quiet client, kB' kb_per_client
compare reset --items 20000 --conns 1
row 'reset of 20,000 values, CPU us a change' cpu_us_per_frame
