#!/bin/sh
# R2 of this example: emlearn's headers, the generated forests and models.c by this computer's compiler, without the agent.
# Called by the profiles with --model NAME and the folder of the samples; what it builds is gone afterwards.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
headers=${ASSAY_EMLEARN_DIR:-$("$root/.venv/bin/python" -c 'import emlearn; print(emlearn.includedir)')}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
${CC:-cc} -std=c99 -O2 -DDIGITS_FOREST_SHA256='""' -DDIGITS_FOREST_RAW_SHA256='""' -I "$root" -I "$here/.." \
  -isystem "$headers" -isystem "$here" -o "$build/host_build" "$root/runners/host_build/host_build.c" "$here/models.c" -lm
"$build/host_build" "$@"
