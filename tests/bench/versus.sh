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

median() { # of the numbers in a file, one a line
  sort -g "$1" | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; else print "-" }'
}

plain() { # without an exponent
  if [[ $1 == *e+* ]]; then printf '%.0f' "$1"; else printf '%s' "$1"; fi
}

# compare WHAT FIGURE MODE OPTIONS...: a row of the table.
compare() {
  local what=$1 name=$2
  shift 2
  : >"$scratch/ours"
  : >"$scratch/theirs"
  for ((round = 0; round < ROUNDS; ++round)); do
    if measure "$BIN/resflow" "$@"; then figure "$name" >>"$scratch/ours" && echo >>"$scratch/ours"; fi
    if measure "$OTHER" "$@"; then figure "$name" >>"$scratch/theirs" && echo >>"$scratch/theirs"; fi
  done
  local ours theirs ratio=
  ours=$(median "$scratch/ours")
  theirs=$(median "$scratch/theirs")
  if [[ $ours != - && $theirs != - ]]; then
    ratio=$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2g", a < b ? b / a : a / b }')
  fi
  printf '| %s | `%s` | %s | %s | %s |\n' "$what" "$*" "$(plain "$ours")" "$(plain "$theirs")" "$(plain "$ratio")"
}

start_nats
printf '| | resflow-bench | resflow | %s | times |\n| --- | --- | ---: | ---: | ---: |\n' "${OTHER##*/}"
compare 'event to 1,000 clients, CPU us a client' cpu_us_per_frame fanout --conns 1000 --secs 2
compare 'the same, deliveries a second' frames_per_s fanout --conns 1000 --secs 2
compare 'the same at 200 events a second, CPU us' cpu_us_per_frame fanout --conns 1000 --rate 200 --secs 2
compare 'event to one client, CPU us' cpu_us_per_frame fanout --conns 1 --rate 1000 --secs 2
compare 'the same, median latency, us' p50_us fanout --conns 1 --rate 1000 --secs 2
compare 'events on 2,000 models, CPU us each' cpu_us_per_frame spread --conns 2000 --secs 2
compare 'one call at a time, median latency, us' p50_us call --conns 1 --window 1 --secs 2
compare 'many calls, CPU us each' cpu_us_per_call call --conns 50 --window 16 --secs 2
compare 'the same, calls a second' calls_per_s call --conns 50 --window 16 --secs 2
compare '500 clients get 100 models, CPU us a model' cpu_us_per_resource tree --conns 500 --items 100
compare 'one client gets 20,000 models, CPU us each' cpu_us_per_resource tree --conns 1 --items 20000
compare 'a quiet client, kB' kb_per_client idle --conns 5000
compare 'reset of 20,000 values, CPU us a change' cpu_us_per_frame reset --items 20000 --conns 1
