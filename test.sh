#!/usr/bin/env bash
# Runs every test and ends with "N passed, N failed, N skipped". Installs the independent tools that the tests compare with.
set -uo pipefail
cd "$(dirname "$0")"
. .ci/ensure.sh
want_library libz3.so libz3-4
want qemu-system-arm qemu-system-arm
want_library libunicorn.so libunicorn2
want node nodejs
want arm-none-eabi-as binutils-arm-none-eabi
want arm-none-eabi-gcc gcc-arm-none-eabi
want clang-19 clang-19
want ld.lld-19 lld-19
install_missing || exit 1

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
PULSE_TALLY_FILE=$(mktemp)
export PULSE_TALLY_FILE
dotnet test Pulse.Build.Sdk.sln "$@"
status=$?
# Each test project appends its line; a project whose line is missing has crashed or was not built.
expected=$(ls -d tests/*Tests/ | wc -l)
if [ "$(wc -l < "$PULSE_TALLY_FILE")" -ne "$expected" ] && [ $status -eq 0 ]; then
  echo "$expected test projects were expected to report, $(wc -l < "$PULSE_TALLY_FILE") did" >&2
  status=1
fi
awk '{ p += $1; f += $3; s += $5 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$PULSE_TALLY_FILE"
rm -f "$PULSE_TALLY_FILE"
exit $status
