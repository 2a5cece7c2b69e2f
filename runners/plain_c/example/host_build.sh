#!/bin/sh
# R2 of this example: engine and models.c by this computer's compiler, without the agent. Called by profile.toml with the
# folder of the samples; what it builds is gone afterwards.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
${CC:-cc} -std=c99 -O2 -DDIGITS_MLP_SHA256='""' -I "$root" -I "$here/.." -I "$here" -o "$build/host_build" \
  "$root/runners/host_build/host_build.c" "$here/models.c" "$here/digits_mlp.c"
"$build/host_build" "$@"
