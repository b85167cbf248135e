"""Alpine's tools by which Dockerfiles add packages and accounts, played on Debian: `apk`, `adduser`, `addgroup`.

A layer above a stand-in. Packages are Debian's of the same purpose; what has none is left out, and so is musl.
"""

from __future__ import annotations

from pathlib import Path

# Alpine's name → Debian's; "" for what Debian's base has, or what only musl needs. All others are called alike.
PACKAGES = {
    "alpine-sdk": "build-essential", "build-base": "build-essential", "libc-dev": "libc6-dev", "musl-dev": "libc6-dev",
    "linux-headers": "linux-libc-dev", "libc6-compat": "", "gcompat": "", "libstdc++": "libstdc++6", "libgcc": "", "musl": "",
    "py3-pip": "python3-pip", "postgresql-dev": "libpq-dev", "libpq": "libpq5", "jpeg-dev": "libjpeg-dev", "zlib-dev": "zlib1g-dev",
    "openssl-dev": "libssl-dev", "libressl-dev": "libssl-dev", "libffi-dev": "libffi-dev", "icu": "", "icu-dev": "libicu-dev",
    "icu-libs": "", "sqlite": "sqlite3", "sqlite-dev": "libsqlite3-dev", "sqlite-libs": "", "pcre2": "", "pcre2-dev": "libpcre2-dev",
    "mailcap": "media-types", "tini-static": "tini", "su-exec": "gosu", "shadow": "passwd", "vips-dev": "libvips-dev",
    "pkgconfig": "pkg-config", "nodejs-current": "nodejs", "ttf-freefont": "", "chromium": "", "rust": "rustc",
}  # fmt: skip
_APK = """#!/bin/sh
# apk add of the packages' namesakes; all else of apk is nothing here.
found="" add=""
while [ $# -gt 0 ]; do
  case "$1" in
    add) add=1 ;;
    -t|--virtual|-X|--repository) shift ;;
    -*|.*|update|upgrade|del|cache|fix|info) ;;
    *) [ -z "$add" ] || found="$found $(echo "$1" | sed 's/[=<>~@].*//')" ;;
  esac
  shift
done
wanted=""
for name in $found; do
  case "$name" in
{cases}
    *) wanted="$wanted $name" ;;
  esac
done
[ -n "$wanted" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -qqy --no-install-recommends $wanted >/dev/null
[ ! -e /usr/bin/tini-static ] || ln -sf /usr/bin/tini-static /sbin/tini-static
[ ! -e /usr/bin/tini ] || ln -sf /usr/bin/tini /sbin/tini
[ ! -e /usr/sbin/gosu ] || ln -sf /usr/sbin/gosu /sbin/su-exec
"""
# https://www.busybox.net/downloads/BusyBox.html#adduser: system accounts have numbers from 100, others from 1000.
_ADDUSER = """#!/bin/sh
low=1000 number="" group="" home="" shell=/bin/sh name="" second=""
while [ $# -gt 0 ]; do
  case "$1" in
    -S|--system) low=100 ;;
    -u|--uid) number=$2; shift ;;
    -G|--ingroup) group=$2; shift ;;
    -h|--home) home=$2; shift ;;
    -s|--shell) shell=$2; shift ;;
    -g|--gecos|-k) shift ;;
    -*) ;;
    *) if [ -z "$name" ]; then name=$1; else second=$1; fi ;;
  esac
  shift
done
[ -z "$second" ] || exec usermod -a -G "$second" "$name"
if [ -z "$number" ]; then number=$low; while getent passwd $number >/dev/null; do number=$((number + 1)); done; fi
if [ -z "$group" ]; then group=$name; getent group "$name" >/dev/null || groupadd -o -g "$number" "$name"; fi
exec useradd -o -u "$number" -g "$group" -d "${home:-/home/$name}" -s "$shell" -m "$name"
"""
_ADDGROUP = """#!/bin/sh
low=1000 number="" name="" second=""
while [ $# -gt 0 ]; do
  case "$1" in
    -S|--system) low=100 ;;
    -g|--gid) number=$2; shift ;;
    -*) ;;
    *) if [ -z "$name" ]; then name=$1; else second=$1; fi ;;
  esac
  shift
done
[ -z "$second" ] || exec usermod -a -G "$second" "$name"
if [ -z "$number" ]; then number=$low; while getent group $number >/dev/null; do number=$((number + 1)); done; fi
getent group "$name" >/dev/null || exec groupadd -o -g "$number" "$name"
"""


def fill(folder: Path) -> None:
    """Put the tools where they come before Debian's own."""
    cases = "\n".join(f'    {name}) wanted="$wanted {debian}" ;;' for name, debian in PACKAGES.items())
    place = folder / "usr/local/sbin"
    place.mkdir(parents=True)
    # Certificates stay those of this machine, whose client asks its own registries.
    nothing = "#!/bin/sh\n"
    tools = {
        "apk": _APK.replace("{cases}", cases),
        "adduser": _ADDUSER,
        "addgroup": _ADDGROUP,
        "update-ca-certificates": nothing,
    }
    for name, text in tools.items():
        (place / name).write_text(text)
        (place / name).chmod(0o755)
    release = folder / "etc/alpine-release"
    release.parent.mkdir()
    release.write_text("3.22.0\n")
