#!/usr/bin/env bash
# Builds the SDK and the sample firmware, and installs what that needs: the Z3 library for the proofs, QEMU for 'dotnet run'.
set -euo pipefail
cd "$(dirname "$0")"
. .ci/ensure.sh
want_library libz3.so libz3-4
want qemu-system-arm qemu-system-arm
install_missing

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
sample=samples/gust-firmware
dotnet build "$sample/firmware.wasmproj" -tl:off "$@"
echo "$sample/bin/Debug/firmware.elf: $(cat "$sample/obj/Debug/firmware.size.txt")"
