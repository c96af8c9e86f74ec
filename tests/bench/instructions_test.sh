#!/usr/bin/env bash
# Regressions without noise: what each case of the micro-benchmarks executes, counted by valgrind and compared with the
# baseline beside this file. Counts do not depend on the machine's speed or load, and hardly on anything else: the
# string functions are kept to those that every x86-64 processor has, and addresses are the same in each run.
#
#   tests/bench/instructions_test.sh PROGRAM            fails when a case needs more than the baseline allows
#   tests/bench/instructions_test.sh PROGRAM --update   writes the baseline anew
#   tests/bench/instructions_test.sh --self-test        shows that what is worse is seen
set -euo pipefail

readonly TOLERANCE=5 # per cent; another patch level of the compiler or a library stays within it
readonly BASELINE=${BASH_SOURCE[0]%/*}/instructions.txt

# count PROGRAM: a line for each case, its name and the instructions of one step.
count() {
  local dumps steps
  dumps=$(mktemp -d)
  # An environment of our own: glibc chooses its string functions by the processor and their thresholds by its caches.
  local tunables=glibc.cpu.hwcaps=-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,-SSSE3,-SSE4_1,-SSE4_2
  tunables+=:glibc.cpu.x86_data_cache_size=32768:glibc.cpu.x86_shared_cache_size=1048576
  tunables+=:glibc.cpu.x86_non_temporal_threshold=3145728
  if ! steps=$(env -i PATH="$PATH" GLIBC_TUNABLES="$tunables" valgrind --quiet --tool=callgrind \
    --instr-atstart=no --callgrind-out-file="$dumps/out" "$1" 2>"$dumps/log"); then
    cat "$dumps/log" >&2
    rm -r "$dumps"
    return 1
  fi
  awk '
    FILENAME == "-" { steps[$1] = $2; order[++cases] = $1; next }
    /^desc: Trigger: Client Request: / { name = $NF }
    /^summary: / { if (name in steps) total[name] = $2; name = "" }
    END { for (i = 1; i <= cases; ++i) printf "%s %.0f\n", order[i], total[order[i]] / steps[order[i]] }
  ' - "$dumps"/out.* <<<"$steps"
  rm -r "$dumps"
}

# judge BASELINE COUNTS: the table of both; fails when a case is worse, not counted, or not in the baseline.
judge() {
  awk -v tolerance="$TOLERANCE" '
    NR == FNR { before[$1] = $2; next }
    {
      counted[$1] = 1
      if (!($1 in before)) {
        printf "%-32s %29d  not in the baseline\n", $1, $2
        failed = 1
        next
      }
      change = ($2 - before[$1]) * 100 / before[$1]
      printf "%-32s %14d %14d  %+6.1f%%", $1, before[$1], $2, change
      if (change > tolerance) { printf "  WORSE"; failed = 1 }
      if (change < -tolerance) { printf "  better"; better = 1 }
      printf "\n"
    }
    END {
      for (name in before) {
        if (!(name in counted)) { printf "%-32s is in the baseline, but not counted\n", name; failed = 1 }
      }
      if (failed || better) print "instructions_test.sh PROGRAM --update writes the baseline anew."
      exit failed
    }
  ' "$1" "$2"
}

self_test() {
  folder=$(mktemp -d)
  trap 'rm -r "$folder"' EXIT
  printf 'a/a 1000\nb/b 2000\n' >"$folder/before"
  printf 'a/a 1050\nb/b 1000\n' >"$folder/same"
  printf 'a/a 1051\nb/b 2000\n' >"$folder/worse"
  printf 'a/a 1000\n' >"$folder/less"
  printf 'a/a 1000\nb/b 2000\nc/c 1\n' >"$folder/more"
  judge "$folder/before" "$folder/same" >/dev/null
  local bad
  for bad in worse less more; do
    if judge "$folder/before" "$folder/$bad" >/dev/null; then
      printf 'self-test: %s was accepted\n' "$bad" >&2
      return 1
    fi
  done
}

case "${1-} ${2-}" in
  '--self-test ') self_test ;;
  ' ' | -*)
    printf 'Usage: %s PROGRAM [--update] | --self-test\n' "$0" >&2
    exit 2
    ;;
  *' --update') count "$1" >"$BASELINE" ;;
  *)
    counts=$(count "$1")
    judge "$BASELINE" - <<<"$counts"
    ;;
esac
