"""A typed Dockerfile, performed without a container engine: its steps run in a scratch folder with this machine's
tools.

Every stage has its own tree below one folder, `fs`, that holds only one stage at a time: the paths of an image
(`/app`, `/opt/venv`, …) lie below it, so what a later stage does not copy is truly gone. Base images are played by the
Python, Node.js and Go that are here; system packages and accounts are skipped by name; cache mounts are this
machine's caches. nginx is the one that is here, its configuration led to the tree. What a base image holds otherwise
(certificates) is not there.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path

import pytest

from kforge.domain.document import Dockerfile, Instruction, Stage

IMAGE_PATHS = (
    "/app",
    "/src",
    "/out",
    "/opt/venv",
    "/data.d",
    "/usr/share/nginx/html",
    "/etc/nginx",
    "/tmp",
    "/zoneinfo.zip",
    "/usr/bin/python",
    "/made",
)
# other systems' packages and accounts
SKIPPED = frozenset({"apt-get", "apk", "useradd", "groupadd", "adduser", "rm", "chown"})
TOOLS = frozenset(
    {"python", "pip", "uv", "poetry", "pdm", "pipenv", "node", "npm", "npx", "corepack", "pnpm", "yarn", "bun", "go"}
)
YARN = "yarn@1.22.22"  # the Node.js images have it
# Poetry asks the public index in a way of its own, whatever pip is told, unless this helps it.
POETRY_MIRROR = "poetry-plugin-pypi-mirror==0.6.5"
UNREACHABLE = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|dial tcp|No matching distribution|dns error|[Cc]onnection refused"
    r"|Failed to fetch|Max retries|Name or service not known|Temporary failure|Could not find a version"
)
NGINX = "nginx"
MIME_TYPES = Path("/etc/nginx/mime.types")
NOT_THERE = re.compile(
    r"ModuleNotFoundError|ImportError|Cannot find module|ERR_MODULE_NOT_FOUND|No such file or directory.*/app"
)


@dataclass
class Scratch:
    """One performance: where it happens, the build context, and what the last stage left."""

    root: Path
    context: Path
    ignore: Sequence[str] = ()
    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    command: list[str] = field(default_factory=list)

    @property
    def fs(self) -> Path:
        return self.root / "fs"

    def perform(self, dockerfile: Dockerfile) -> None:
        for stage in dockerfile.stages:
            self._begin(stage)
            for instruction in stage.instructions:
                self._step(instruction)
            if stage is not dockerfile.stages[-1]:
                self.fs.rename(self.root / f"stage-{stage.name}")

    def _begin(self, stage: Stage) -> None:
        self.env, self.workdir, self.command = {}, "/", []
        tools = self.fs / ".base"
        if "/python:" in stage.image:
            _python(tools)
        if "distroless/python3" in stage.image:  # its Python lies at another place than that of the official images
            self.at("/usr/bin").mkdir(parents=True)
            self.at("/usr/bin/python").symlink_to(sys.executable)
        if "/nginx:" in stage.image:
            self.command = [NGINX]
            self.at("/etc/nginx").mkdir(parents=True)
            if MIME_TYPES.exists():
                shutil.copy2(MIME_TYPES, self.at("/etc/nginx"))
        (tools / "bin").mkdir(parents=True, exist_ok=True)
        self.fs.joinpath("tmp").mkdir(exist_ok=True)
        self.env = {"PATH": f"{tools}/bin:{os.environ['PATH']}", "npm_config_prefix": str(tools)}

    # ---- instructions ---------------------------------------------------------------------------------------------
    def _step(self, instruction: Instruction) -> None:
        match instruction.name:
            case "WORKDIR":
                self.workdir = instruction.args[0]
                self.at(self.workdir).mkdir(parents=True, exist_ok=True)
            case "ENV":
                for word in instruction.args:
                    name, _, value = word.partition("=")
                    here = ":".join(self.word(part) for part in value.split(":"))
                    self.env[name] = here.replace("$PATH", self.env["PATH"])
            case "COPY":
                self._copy(instruction)
            case "RUN":
                for command in _commands(instruction.args):
                    self._run(command)
            case "CMD":
                self.command = [self.word(word) for word in instruction.args]
            case "USER" | "EXPOSE" | "ENTRYPOINT":
                pass
            case _:
                raise AssertionError(f"{instruction.name} is not performed here")

    def _run(self, command: list[str]) -> None:
        if command[0] in SKIPPED:
            return
        if command[0] == "install":  # -d -o USER -g GROUP FOLDERS
            command = ["mkdir", "-p", *command[6:]]
        if command[:3] == ["ln", "-s", "/usr/local/bin/python"]:  # where the official images have theirs
            self.at(command[3]).parent.mkdir(parents=True, exist_ok=True)
            self.at(command[3]).symlink_to(self.fs / ".base/bin/python")
            return
        words = [self.word(word) for word in command]
        if command[0] == "poetry":
            self.env["POETRY_PYPI_MIRROR_URL"] = _index()
        elif any(word.startswith("poetry==") for word in command):
            words.append(POETRY_MIRROR)
        if command[0] == "yarn" and shutil.which("yarn", path=self.env["PATH"]) is None:
            _shell(["npm", "install", "--global", YARN], self.root, self.env)
        if command[0] in TOOLS and shutil.which(command[0], path=self.env["PATH"]) is None:
            pytest.skip(f"{command[0]} is not here")
        _shell(words, self.at(self.workdir), self.env)

    def _copy(self, instruction: Instruction) -> None:
        *sources, target = instruction.args
        source_stage = next(
            (flag.removeprefix("--from=") for flag in instruction.flags if flag.startswith("--from=")), ""
        )
        base = self.root / f"stage-{source_stage}" if source_stage else self.context
        named = [posixpath.normpath(source).lstrip("/") for source in sources]
        found = [path for name in named for path in ([base] if name == "." else sorted(base.glob(name)))]
        if not found and not any("*" in source for source in sources) and not target.startswith(("/etc", "/zoneinfo")):
            raise AssertionError(f"COPY {' '.join(sources)}: not there")
        where = self.at(target if target.startswith("/") else f"{self.workdir}/{target}")
        for path in found:
            if path.is_dir():
                self._copy_folder(path, where, check=not source_stage)
            else:
                assert source_stage or not ignored(path.relative_to(base).as_posix(), self.ignore), (
                    f"COPY {path}: excluded by .dockerignore"
                )
                into = where / path.name if target.endswith("/") or len(sources) > 1 else where
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, into)

    def _copy_folder(self, source: Path, target: Path, check: bool) -> None:
        def left_out(folder: str, names: list[str]) -> list[str]:
            inside = Path(folder).relative_to(self.context) if check else Path()
            return [name for name in names if check and ignored((inside / name).as_posix(), self.ignore)]

        shutil.copytree(source, target, symlinks=True, ignore=left_out, dirs_exist_ok=True)

    # ---- paths ----------------------------------------------------------------------------------------------------
    def at(self, path: str) -> Path:
        """Where a path of the image lies here."""
        return self.fs / os.path.normpath(path).lstrip("/")

    def word(self, word: str) -> str:
        """A word of a command or a value, with a path of the image turned into the one here."""
        inside = any(word == path or word.startswith(f"{path}/") for path in IMAGE_PATHS)
        return f"{self.fs}{word}" if inside else word

    # ---- the process ----------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def started(
        self, command: Sequence[str] | None, env: Mapping[str, str], ports: Mapping[int, int] | None = None
    ) -> Iterator[Program]:
        """The process of the last stage; `ports` says which port of nginx's is which one here."""
        words = [self.word(word) for word in command] if command else self.command
        if words == [NGINX]:
            words = self._nginx(ports or {})
        log = self.root / "output.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [shutil.which(words[0], path=self.env["PATH"]) or words[0], *words[1:]],
                cwd=self.at(self.workdir),
                env={**_clean(), **self.env, **env},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            yield Program(process, log)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _nginx(self, ports: Mapping[int, int]) -> list[str]:
        """nginx in the foreground, with the paths and ports of its configuration led to those here."""
        if not (shutil.which(NGINX) and MIME_TYPES.exists()):
            pytest.skip(f"{NGINX} is not here")
        written = self.at("/etc/nginx/nginx.conf").read_text()
        inside = re.sub(rf"(?<=\s)(?={'|'.join(map(re.escape, IMAGE_PATHS))})", str(self.fs), written)
        for port, here in ports.items():
            inside = inside.replace(f"listen {port};", f"listen 127.0.0.1:{here};")
        config = self.root / "nginx.conf"
        config.write_text(inside)
        # As root it would become another user, who may not read what lies here.
        who = "user root; " if os.geteuid() == 0 else ""
        return [NGINX, "-e", "stderr", "-c", str(config), "-g", f"{who}daemon off;"]

    def files(self, folder: str) -> dict[str, bytes]:
        """Content of every file below a folder of the image."""
        root = self.at(folder)
        return {
            path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
        }


@dataclass
class Program:
    process: subprocess.Popen[bytes]
    log: Path

    def answers(self, port: int, path: str | None, seconds: float = 40) -> None:
        """Wait until the port accepts, and the path, where there is one, answers with success."""
        seen = "nobody listens"
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.log.read_text()}"
            try:
                if path is None:
                    socket.create_connection(("127.0.0.1", port), timeout=2).close()
                    return
                seen = str(_get(f"http://127.0.0.1:{port}{path}"))
                if seen.startswith("2"):
                    return
            except OSError as error:
                seen = str(error)
            time.sleep(0.1)
        raise AssertionError(f"port {port}, path {path}: {seen}: {self.log.read_text()}")

    def is_whole(self, seconds: float = 20) -> None:
        """A job starts with everything it imports; that its surroundings are missing is its own business."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        assert not NOT_THERE.search(self.log.read_text()), self.log.read_text()


def _python(tools: Path) -> None:
    """An environment with this one's pip: that of `venv` installs and compiles it anew, which takes ten seconds."""
    venv.create(tools, symlinks=True)
    (packages,) = tools.glob("lib/python*/site-packages")
    pip = distribution("pip")
    for name in ("pip", f"pip-{pip.version}.dist-info"):
        shutil.copytree(str(pip.locate_file(name)), packages / name)
    for name in ("pip", "pip3"):
        (tools / "bin" / name).write_text(f'#!/bin/sh\nexec "{tools}/bin/python" -m pip "$@"\n')
        (tools / "bin" / name).chmod(0o755)


def _index() -> str:
    """Where pip looks for packages."""
    said = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    usual = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.strip()
    return os.environ.get("PIP_INDEX_URL") or f"{usual}/"


def _get(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _commands(words: Iterable[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for word in words:
        if word == "&&":
            found.append([])
        else:
            found[-1].append(word)
    return found


def _clean() -> dict[str, str]:
    """This machine's environment without what would lead a tool to this project's own environment. Mirrors of npm's
    registry pass on no signatures, without which corepack installs no package manager unless told not to look for them.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PORT", "GOFLAGS", "NODE_ENV")
    }
    return kept | {"COREPACK_INTEGRITY_KEYS": "0"}


def _shell(words: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        list(words), cwd=folder, env={**_clean(), **env}, text=True, capture_output=True, timeout=900, check=False
    )
    said = done.stdout + done.stderr
    if done.returncode and UNREACHABLE.search(said):
        pytest.skip(f"the package registry behind `{Path(words[0]).name}` is not reachable")
    assert done.returncode == 0, f"{' '.join(words)}: {said}"


def ignored(path: str, patterns: Iterable[str]) -> bool:
    """Whether a .dockerignore leaves a path, or a folder above it, out of the build context."""
    parts = path.split("/")
    above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    out = False
    for pattern in patterns:
        if pattern and not pattern.startswith("#"):
            negative = pattern.startswith("!")
            match = re.compile(_expression(pattern.lstrip("!").strip("/")))
            if any(match.fullmatch(one) for one in above):
                out = not negative
    return out


def _expression(pattern: str) -> str:
    """A pattern of Go's filepath.Match, with `**` for any number of folders."""
    out = ""
    for piece in re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern):
        out += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece) or (
            piece if piece.startswith("[") else re.escape(piece)
        )
    return out
