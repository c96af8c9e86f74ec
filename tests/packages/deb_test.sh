#!/usr/bin/env bash
# The Debian package in a system of its own: installs it with what it depends on in a fresh Debian 12, runs what it
# brings, removes and purges it, and looks for what is left. Needs root, debootstrap, and a mirror, which is the one that
# apt uses here; takes a minute.
#
#   tests/packages/deb_test.sh [--base FILE] PACKAGE.deb
#
#   --base FILE   a tar file of the fresh system: used when it is there, else written
set -euo pipefail

readonly SUITE=bookworm

usage() {
  sed -n '/^#   tests/,/^set/{/^#/s/^# \{0,3\}//p}' "$0" >&2
  exit 2
}

base=
if [[ ${1-} == --base ]]; then
  base=${2?}
  shift 2
fi
(($# == 1)) || usage
package=$(realpath "$1")
((EUID == 0)) || { echo 'deb_test.sh: needs root' >&2; exit 1; }

work=$(mktemp -d)
readonly work root=$work/root
started=()

finish() {
  local pid
  for pid in "${started[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  ! mountpoint -q "$root/proc" || umount "$root/proc"
  rm -rf --one-file-system "$work"
}
trap finish EXIT

fail() {
  printf 'deb_test.sh: %s\n' "$1" >&2
  [[ ! -s $work/log ]] || cat "$work/log" >&2
  exit 1
}

step() { printf '== %s\n' "$*"; }

readonly ENTER=(chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive)
inside() { "${ENTER[@]}" "$@"; }

# The mirror that apt has for the suite, whatever it is.
mirror() {
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$SUITE" '$2 == suite && $3 == "main" { print $1; exit }'
}

make_root() {
  mkdir "$root"
  if [[ -n $base && -f $base ]]; then
    tar -xf "$base" -C "$root"
    return
  fi
  local uri proxy=
  uri=$(mirror)
  [[ -n $uri ]] || fail "apt knows no mirror of $SUITE"
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  http_proxy=${proxy:-${http_proxy-}} debootstrap --variant=minbase "$SUITE" "$root" "$uri" >"$work/log" ||
    fail 'debootstrap failed'
  if [[ -n $proxy ]]; then printf 'Acquire::http::Proxy "%s";\n' "$proxy" >"$root/etc/apt/apt.conf.d/proxy"; fi
  inside apt-get update -qq
  : >"$work/log"
  [[ -z $base ]] || tar -cf "$base" -C "$root" .
}

# Starts a program in there, in the background, and waits until it has said `pattern`. The match is in $said.
start() {
  local pattern=$1
  shift
  "${ENTER[@]}" "$@" >"$work/log" 2>&1 &
  started+=($!)
  for ((i = 0; i < 300; ++i)); do
    if said=$(grep -m 1 -oE "$pattern" "$work/log"); then return; fi
    kill -0 "${started[-1]}" 2>/dev/null || fail "it ended without saying: $pattern"
    sleep 0.1
  done
  fail "it does not say: $pattern"
}

stop() {
  local status=0
  kill -TERM "${started[-1]}"
  wait "${started[-1]}" || status=$?
  unset 'started[-1]'
  ((status == 0)) || fail "exit code $status"
}

# Files besides those of the package system's own records and logs.
files() {
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./var/cache -o -path ./var/log \
    -o -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./run \) -prune -o -print | LC_ALL=C sort)
}

step 'a fresh system'
make_root
mount -t proc proc "$root/proc"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

step 'install what it depends on'
cp "$package" "$root/tmp/resflow.deb"
depends=$(dpkg-deb --field "$package" Depends | sed 's/([^)]*)//g; s/,/ /g')
# shellcheck disable=SC2086 # the list is to be split
inside apt-get install -qq --yes --no-install-recommends $depends nats-server curl >"$work/log" 2>&1 || fail 'no dependencies'
files >"$work/before"

step 'install'
inside dpkg --install /tmp/resflow.deb >"$work/log" 2>&1 || fail 'it does not install'
[[ $(inside dpkg-query -W -f '${Status}' resflow) == 'install ok installed' ]] || fail 'it is not installed'
inside sh -c '! ldd /usr/bin/resflow /usr/bin/resflow-bench | grep "not found"' || fail 'a library is missing'
[[ $(inside resflow --version) =~ protocol\ v1\.2\.3 ]] || fail 'the version'
inside resflow-bench --version >/dev/null
[[ -L $root/etc/systemd/system/multi-user.target.wants/resflow.service ]] || fail 'the service is not enabled'

step 'run with a NATS server of its own'
start 'Listening on http://127\.0\.0\.1:[0-9]+' resflow --nats embedded --addr 127.0.0.1 --port 0
url=${said#Listening on }
grep -q 'Started a NATS server for services at nats://127.0.0.1:' "$work/log" || fail 'it tells of no NATS server'
code=$(inside curl -s -o /dev/null -w '%{http_code}' "$url/api/nobody/serves/this")
[[ $code == 404 ]] || fail "a request was answered with $code"
stop

step 'run what the unit starts'
unit() { sed -n "s|^$1=||p" "$root/lib/systemd/system/resflow.service"; }
credential=$(unit LoadCredential)
command=$(unit ExecStart)
read -ra command <<<"${command//%d\/${credential%%:*}/${credential#*:}}"
! inside "${command[@]}" >"$work/log" 2>&1 || fail 'it runs without a NATS server'
grep -q 'Failed to start server: cannot connect to NATS at nats://127.0.0.1:4222' "$work/log" || fail 'it does not say why'
sed -i 's|"natsUrl": ".*"|"natsUrl": "embedded"|; s|"port": [0-9]*|"port": 18080|; s|0\.0\.0\.0|127.0.0.1|' \
  "$root/etc/resflow/resflow.json"
start 'Server ready' "${command[@]}"
stop

step 'install again: a changed configuration stays'
inside dpkg --install --force-confdef /tmp/resflow.deb >"$work/log" 2>&1 || fail 'it does not install again'
grep -q '"natsUrl": "embedded"' "$root/etc/resflow/resflow.json" || fail 'the configuration is overwritten'

step 'remove'
inside dpkg --remove resflow >"$work/log" 2>&1 || fail 'it does not go'
[[ ! -e $root/usr/bin/resflow ]] || fail 'the program is still there'
[[ -e $root/etc/resflow/resflow.json ]] || fail 'the configuration is gone'

step 'purge'
inside dpkg --purge resflow >"$work/log" 2>&1 || fail 'it does not purge'
files >"$work/after"
diff "$work/before" "$work/after" || fail 'something is left'
printf 'All is well.\n'
