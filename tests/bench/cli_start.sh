#!/usr/bin/env bash
# How long a command takes from start to end, where little is to be done: median and fastest of N runs, in milliseconds.
#
#   tests/bench/cli_start.sh [BIN_DIR] [N]     default: build/bin, 21 runs
set -euo pipefail
root=$(dirname "$(readlink -f "$0")")/../..
bin=$(readlink -f "${1:-$root/build/bin}")
runs=${2:-21}
export ASSAY_DATA_DIR=${ASSAY_DATA_DIR:-$(readlink -f "$root")}

# what it is | most that it may take in a release build, ms | arguments
rows=(
  'help|20|--help'
  'version|20|--version'
  'help of a verb|20|run --help'
  'complete boards|100|complete boards'
  'boards|200|boards'
  'explain a code|50|explain link.port_busy'
  'a mistake|20|run --bord'
)
printf '%-18s %9s %9s %9s\n' command 'median ms' 'least ms' 'bound ms'
for row in "${rows[@]}"; do
  IFS='|' read -r name bound arguments <<<"$row"
  times=$(for ((i = 0; i < runs; ++i)); do
    begin=${EPOCHREALTIME/./}
    # shellcheck disable=SC2086
    "$bin/assay" $arguments >/dev/null 2>&1 || true
    echo $((${EPOCHREALTIME/./} - begin))
  done | sort -n)
  median=$(sed -n "$((runs / 2 + 1))p" <<<"$times")
  least=$(head -n 1 <<<"$times")
  printf '%-18s %9s %9s %9s\n' "$name" "$((median / 1000)).$((median % 1000 / 100))" "$((least / 1000)).$((least % 1000 / 100))" "$bound"
done
