#!/usr/bin/env bash
# How the cost of a unit of work grows with the size of the work: prints the tables of graph/README.md. Each figure is
# the gateway's CPU time for one unit, by resflow-bench against a gateway and a NATS server of its own; the machine's
# noise is in it. Takes some minutes; nothing is asserted.
#
#   tests/bench/growth.sh [DIRECTORY OF THE PROGRAMS]
set -euo pipefail

readonly BIN=${1:-build/release}
readonly BENCH=$BIN/resflow-bench PORT=8377 NATS_PORT=4377
. "${BASH_SOURCE[0]%/*}/measure.sh"

# run LANES MODE OPTIONS...
run() {
  local lanes=$1
  shift
  measure "$BIN/resflow --lanes $lanes" "$@" || cat "$scratch/bench" >&2
}

# series HEADER FIGURE VARIED-OPTION "VALUES" MODE OPTIONS...: a row for each value.
series() {
  local header=$1 name=$2 option=$3 values=$4
  shift 4
  printf '\n| %s | CPU, us each |\n| ---: | ---: |\n' "$header"
  for value in $values; do
    run 1 "$@" "$option" "$value"
    printf '| %s | %s |\n' "$value" "$(figure "$name")"
  done
}

lanes() {
  printf '\n| lanes | fanout, frames/s | us each | calls/s | us each | spread, frames/s | us each |\n'
  printf '| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n'
  for n in 1 2 4 8; do
    printf '| %s ' "$n"
    run "$n" fanout --conns 1000 --secs 3
    printf '| %s | %s ' "$(figure frames_per_s)" "$(figure cpu_us_per_frame)"
    run "$n" call --conns 50 --window 16 --secs 3
    printf '| %s | %s ' "$(figure calls_per_s)" "$(figure cpu_us_per_call)"
    run "$n" spread --conns 2000 --secs 3
    printf '| %s | %s |\n' "$(figure frames_per_s)" "$(figure cpu_us_per_frame)"
  done
}

start_nats
series 'clients on one model' cpu_us_per_frame --conns '10 100 1000 5000 15000' fanout --secs 3
series 'models, a client on each' cpu_us_per_frame --conns '10 100 1000 10000 15000' spread --secs 3
series 'models one collection refers to' cpu_us_per_resource --items '10 100 1000 10000 100000' tree --conns 1
series 'values of a collection that is reset' cpu_us_per_frame --items '1000 10000 100000' reset --conns 10
series 'bytes of an event to 100 clients' cpu_us_per_frame --event-size '100 1000 10000 100000' fanout --conns 100 --secs 3
lanes
