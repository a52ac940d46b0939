#!/bin/sh
# Installs what is missing from apt.txt as root on Debian; otherwise says exactly what to install.
set -eu
list=$(grep -v '^#' "$(dirname "$0")/apt.txt")
missing=""
for package in $list; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
# a Python of its own (pyenv, a container image) brings venv along
python3 -c 'import venv, ensurepip' 2>/dev/null && missing=$(echo "$missing" | sed 's/ *python3-venv//')
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "Missing Debian packages. As root: apt-get install -y$missing" >&2
  exit 1
fi
