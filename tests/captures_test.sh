#!/usr/bin/env bash
# Plays every capture in tests/captures, and wants the same to come out.
#
#   tests/captures_test.sh RESFLOW_REPLAY FOLDER
set -uo pipefail

replay=$1
folder=$2
count=0
failed=0
for capture in "$folder"/*.jsonl*; do
  ((++count))
  if ! output=$("$replay" --quiet --diff 3 "$capture" 2>&1); then
    ((++failed))
    printf '%s:\n%s\n\n' "$capture" "$output"
  fi
done
printf '%d captures, %d of them differ\n' "$count" "$failed"
((count > 0 && failed == 0))
