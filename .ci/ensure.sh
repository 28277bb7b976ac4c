# Sourced by build.sh and test.sh: installs what is missing of the system's packages, and does nothing when all is there.

missing=()

# want COMMAND PACKAGE: the package is missing unless the command exists.
want() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }

# want_library NAME PACKAGE: the package is missing unless the loader knows the library.
want_library() { ldconfig -p 2>/dev/null | grep -q "$1" || missing+=("$2"); }

install_missing() {
  [ ${#missing[@]} -eq 0 ] && return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install: ${missing[*]} (names of Debian's packages)" >&2
    return 1
  fi
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  echo "Installing ${missing[*]}"
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
