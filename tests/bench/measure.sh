# What the scripts of this folder share that measure gateways; to be sourced. Each run has a gateway of its own and, with
# all the others, one NATS server; the figures are those of resflow-bench. Sets $scratch, a folder that goes at the end.
#
# Before it is sourced: $BENCH, the resflow-bench; $PORT and $NATS_PORT, which are free.

readonly NATS=nats://127.0.0.1:$NATS_PORT
ulimit -n "$(ulimit -Hn)"
scratch=$(mktemp -d)
nats=
gateway=
trap 'kill $gateway $nats 2>/dev/null; rm -r "$scratch"' EXIT

await() { # await PORT
  for _ in {1..100}; do
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
    sleep 0.05
  done
  echo "nothing listens on port $1" >&2
  exit 1
}

start_nats() {
  echo 'max_payload: 8MB' >"$scratch/nats.conf" # for the largest collection
  nats-server -c "$scratch/nats.conf" -a 127.0.0.1 -p "$NATS_PORT" >"$scratch/nats" 2>&1 &
  nats=$!
  await "$NATS_PORT"
}

# measure "GATEWAY ITS-OPTIONS" MODE OPTIONS...: the figures of one run, as JSON in $scratch/figures; false when it failed.
measure() {
  local command=$1 done=true
  shift
  # shellcheck disable=SC2086 # it is a command line
  $command --nats "$NATS" --addr 127.0.0.1 --port "$PORT" --reqtimeout 60000 >"$scratch/gateway" 2>&1 &
  gateway=$!
  await "$PORT"
  rm -f "$scratch/figures"
  "$BENCH" "$@" --url "ws://127.0.0.1:$PORT/" --nats "$NATS" --pid "$gateway" --quiet \
    --json "$scratch/figures" >"$scratch/bench" 2>&1 || done=false
  kill "$gateway"
  wait "$gateway" || true
  $done
}

# figure NAME [FILE]: of the latest run, or of one whose file was kept; the first of that name, in plain digits.
figure() {
  local found
  found=$(grep -o "\"$1\":[0-9.E+-]*" "${2:-$scratch/figures}" | head -1)
  printf '%.3g' "${found#*:}"
}
