#!/usr/bin/env bash
# Sets up whatever the demo and the tests still need on this machine. Safe and quick to repeat.
#
#   Debian packages   only those that are missing (asks for root through sudo)
#   .venv             the services, the demo and the tests: hashed requirements
#   .venv-unoserver   unoserver on the system's own Python, which knows LibreOffice
#   node_modules      browser libraries, of which the pages use a few files, and the checkers of scripts and styles
#   sample documents
#
# Details of each step: build/logs/setup-*.log.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly python=/usr/bin/python3
readonly office_version=4:25.2
readonly office_packages=(
  libreoffice-writer libreoffice-calc libreoffice-impress libreoffice-draw libreoffice-math python3-uno
)
mapfile -t fonts < <(grep '^fonts-' deploy/unoserver/fonts.txt)
readonly other_packages=(
  "${fonts[@]}"
  bubblewrap chromium fontconfig haproxy postgresql prometheus webkit2gtk-driver wrk xvfb python3-venv
  ca-certificates
)
readonly stamps=build/stamps logs=build/logs
did_something=

say() { echo "set-up: $*"; }
fail() { echo "set-up: $*" >&2; exit 1; }

# step NAME COMMAND…: says what is done, and every 15 seconds how far it is; what the command prints goes to a
# log, whose end is shown when it fails
step() {
  local name=$1 log begun=$SECONDS worker status; shift
  log=$logs/setup-${name//[^a-z0-9]/-}.log
  say "$name ..."
  did_something=yes
  (set -e; "$@") >"$log" 2>&1 &
  worker=$!
  report_progress "$name" "$log" $worker &
  # not in the condition of an if: there `set -e` would be off inside the command
  set +e
  wait $worker
  status=$?
  set -e
  kill $! 2>/dev/null || true
  if [ $status -ne 0 ]; then
    tail -n 25 "$log" >&2
    if lacks_network "$log"; then
      fail "$name failed: there is no network, or a server cannot be reached; all of it is in $log"
    fi
    fail "$name failed; all of it is in $log"
  fi
  [ $((SECONDS - begun)) -lt 15 ] || say "$name took $((SECONDS - begun)) s"
}

# report_progress NAME LOG PROCESS: the seconds and the last line of the log, while the process lives
report_progress() {
  local begun=$SECONDS
  while sleep 15 9>&- >/dev/null 2>&1 && kill -0 "$3" 2>/dev/null; do
    say "$1, $((SECONDS - begun)) s: $(tail -n 1 "$2" | tr -cd '[:print:]' | cut -c 1-80)"
  done
}

# lacks_network LOG: whether apt, pip, npm or Python say that a name or a server was not reached
lacks_network() {
  grep -qE "Temporary failure (in name resolution|resolving)|Could not resolve|Name or service not known|\
Network is unreachable|No route to host|Could not connect to|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|\
NewConnectionError|ConnectTimeoutError|Failed to establish a new connection" "$1"
}

# once NAME INPUTS -- COMMAND…: a step that is done again only when an input file changes
once() {
  local name=$1 inputs=(); shift
  while [ "$1" != -- ]; do inputs+=("$1"); shift; done
  shift
  local stamp=$stamps/${name//[^a-z0-9]/-} now
  now=$(sha256sum "${inputs[@]}")
  [ "$now" = "$(cat "$stamp" 2>/dev/null)" ] && return
  step "$name" "$@"
  echo "$now" >"$stamp"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "root is needed once, to install Debian packages: run 'make setup' as root, or install sudo"
  fi
}

# --- Debian packages -------------------------------------------------------------------------

# os_release NAME: a value of /etc/os-release, empty where it has none
os_release() { sed -n "s/^$1=\"\?\([^\"]*\)\"\?$/\1/p" /etc/os-release; }

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

office_is_good() {
  local package version
  for package in "${office_packages[@]}"; do
    version=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$package" 2>/dev/null) || return 1
    [ "${version% *}" = installed ] || return 1
    dpkg --compare-versions "${version#* }" ge "$office_version" || return 1
  done
  # the builds without a user interface crash on much of a case file
  ! installed libreoffice-core-nogui
}

missing_packages() {
  local package
  for package in "${other_packages[@]}"; do installed "$package" || echo "$package"; done
  installed libmagic1 || installed libmagic1t64 || echo libmagic1
  command -v npm >/dev/null || printf '%s\n' nodejs npm
}

# another apt may be at work, such as the one that installs security updates by itself
apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }
apt_install() { apt_get install -y --no-install-recommends "$@"; }

# Debian 12 has LibreOffice 7.4; 25.2 comes from its backports, of the mirror that apt uses already.
add_backports() {
  # shellcheck disable=SC2016  # apt puts the values in, not the shell
  apt-get indextargets --format '$(CODENAME)' | grep -qx bookworm-backports && return
  local mirror
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
  [ -n "$mirror" ] || fail "apt has no Debian mirror configured"
  printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\nSigned-By: %s\n' \
    "$mirror" /usr/share/keyrings/debian-archive-keyring.gpg |
    as_root tee /etc/apt/sources.list.d/document-viewer-backports.sources
}

install_office() {
  if [ "$codename" = bookworm ]; then
    add_backports
    apt_get update
    apt_install -t bookworm-backports "${office_packages[@]}"
  else
    apt_get update
    apt_install "${office_packages[@]}"
  fi
}

install_others() {
  apt_get update
  apt_install "$@"
}

debian_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  if office_is_good && [ ${#missing[@]} -eq 0 ]; then return; fi
  codename=$(os_release VERSION_CODENAME)
  case $codename in
    bookworm | trixie) ;;
    *) fail "Debian 12 or 13 is needed; this is $(os_release PRETTY_NAME)" ;;
  esac
  office_is_good || step "libreoffice, which takes some minutes" install_office
  office_is_good || fail "LibreOffice $office_version or newer did not arrive, or its -nogui build is in the way"
  if [ ${#missing[@]} -gt 0 ]; then
    say "Debian packages: ${missing[*]}"
    step "debian packages" install_others "${missing[@]}"
  fi
}

# --- what lives in this folder ---------------------------------------------------------------

# make_venv FOLDER REQUIREMENTS OPTIONS…
make_venv() {
  local folder=$1 requirements=$2; shift 2
  "$folder/bin/python" -c '' 2>/dev/null || "$python" -m venv --clear "$@" "$folder"
  "$folder/bin/python" -m pip install --disable-pip-version-check --no-input \
    --only-binary :all: --require-hashes -r "$requirements"
}

browser_libraries() {
  npm ci --ignore-scripts
  deploy/local/vendor.sh
}

# forget NAME unless every PATH exists: a stamp counts for nothing when what it stands for was deleted
forget_unless() {
  local name=$1 path; shift
  for path in "$@"; do [ -e "$path" ] || rm -f "$stamps/${name//[^a-z0-9]/-}"; done
}

main() {
  mkdir -p "$stamps" "$logs"
  exec 9>build/setup.lock
  flock 9
  debian_packages
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python must be 3.11 or newer"

  forget_unless "python packages" .venv/bin/python
  forget_unless "unoserver" .venv-unoserver/bin/python
  forget_unless "browser libraries" viewer/static/vendor shared/static/vendor node_modules/.bin/tsc
  forget_unless "sample documents" demo/documents
  once "python packages" requirements-dev.txt "$python" -- make_venv .venv requirements-dev.txt
  once "unoserver" deploy/unoserver/requirements.txt "$python" -- \
    make_venv .venv-unoserver deploy/unoserver/requirements.txt --system-site-packages
  once "browser libraries" package-lock.json deploy/local/vendor.sh -- browser_libraries
  once "sample documents" demo/*.py -- .venv/bin/python -m demo.samples

  [ -z "$did_something" ] || say "done"
}

main
