"""An application of three services, built and committed → a clone for one attempt, between canaries and secrets.

top/repository   the clone: `main` is checked out, the pull request comes on a branch of its own
top/outside      a home folder and other people's files: may be neither changed nor read
top/ran          where every planted script leaves a file: must stay empty
top/cache        kforge's cache and configuration
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import SPECS, copied, write
from tests.hostile.forkserver import Forkserver

PLANTED = "Plant3d"  # begins every secret; nothing of kforge's own and no attempt may hold it
ENVIRONMENT = {"NPM_TOKEN": f"{PLANTED}InTheEnvironment", "DATABASE_URL": f"postgres://u:{PLANTED}Url@db/x"}
SPEC = """\
apiVersion: kforge.dev/v1
app: app
version: 1.0.0
registry: ghcr.io/acme
registries: [ghcr.io/acme, registry.acme.internal, docker.io/library]
include: ["extra/*.yaml"]
services:
  web:
    source: ./web
    env: {API_URL: "${services.api.url}", CACHE: "redis://${services.cache.address}"}
    scale: {min: 2, max: 4, cpu: 70}
  api:
    source: ./api
  cache:
    image: docker.io/library/redis:8.8.3
environments:
  prod:
    namespace: app-prod
    registry: registry.acme.internal
    services:
      web: {scale: {min: 3, max: 9}}
patches:
  - target: Deployment/web
    path: spec.minReadySeconds
    value: 10
    reason: the first requests fill the pools
"""
FILES = {
    "app/app.kforge.yaml": SPEC,
    "app/extra/settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n",
    "app/api/package.json": '{"name": "api", "version": "1.0.0", "scripts": {"start": "node server.js"}, "engines": {"node": "24"}}\n',
    "app/api/server.js": 'require("http").createServer((q, s) => s.end("ok")).listen(process.env.PORT || 3000);\n',
    "app/api/.gitignore": "node_modules/\n",
    # Files of the user's, which no command may touch.
    ".gitignore": ".env\n.npmrc\n.kforge/\n",
    "README.md": "# An application\n",
    "Makefile": "all:\n\ttrue\n",
    ".envrc": "use flake\n",
    ".gitlab-ci.yml": "stages: [test]\n",
    ".github/workflows/ci.yml": "on: pull_request\njobs: {}\n",
    "app/settings.json": '{"mine": true}\n',
    "app/pkg/__init__.py": "",
    "other/tsconfig.json": '{"mine": true}\n',
    "other/.gitkeep": "",
    "docs/.kforge-tmp-0123456789abcdef": "mine\n",
}
UNTRACKED = {
    ".env": f"TOKEN={PLANTED}InDotEnv\n",
    "app/.env": f"TOKEN={PLANTED}InDotEnv\n",
    "app/web/.env": f"TOKEN={PLANTED}InDotEnv\n",
    "app/web/.npmrc": f"//registry.npmjs.org/:_authToken={PLANTED}InNpmrc\n",
}
# A folder of the user's own that git does not know, and empty ones.
_DEPLOYED = f"kind: Kustomization\nsecretGenerator:\n- {{name: db, literals: [password={PLANTED}Db]}}\nimages: [{{name: {PLANTED}/x}}]\n"
PRIVATE = {f"private/{name}/kustomization.yaml": _DEPLOYED for name in ("base", "prod")}
EMPTY = ("data/volume", "app/data/volume", "tmp/cache")
OUTSIDE = {
    "home/.bashrc": f"# precious {PLANTED}Bashrc\n",
    "home/.ssh/id_ed25519": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{PLANTED}Key\n",
    "home/.netrc": f"machine x login y password {PLANTED}Netrc\n",
    "home/.config/git/ignore": "",
    "victim/notes.txt": f"{PLANTED}Notes\n",
    "victim/settings.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {PLANTED.lower()}}}\ndata: {{a: {PLANTED}Yaml}}\n",
    "victim/kforge.lock": f'{{"lock": 1, "{PLANTED}Lock": ',
    "victim/folder/app.py": f"password = '{PLANTED}Source'\n",
    "victim/empty": "",
}
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """One attempt's own folders."""

    top: Path

    @property
    def repository(self) -> Path:
        return self.top / "repository"

    @property
    def app(self) -> Path:
        return self.repository / "app"

    @property
    def outside(self) -> Path:
        return self.top / "outside"

    @property
    def ran(self) -> Path:
        return self.top / "ran"

    @property
    def environment(self) -> dict[str, str]:
        """What a command's environment is here, beside what the server was started with."""
        cache = str(self.top / "cache")
        home = str(self.outside / "home")
        return {"HOME": home, "XDG_CACHE_HOME": cache, "XDG_CONFIG_HOME": cache, "NO_COLOR": "1", "RAN": str(self.ran)}

    def script(self, name: str) -> str:
        """A command line that shows that it was run."""
        return f"touch {self.ran}/{name}"

    def git(self, *words: str) -> str:
        """Run git on the clone as the person who attacks would."""
        return git(self.repository, *words)

    def commit(self) -> None:
        """Everything that git can hold, on the branch of the pull request."""
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "pull request")

    def plant(self) -> None:
        """Put the user's own untracked files beside what was committed, as far as there are still folders for them."""
        for path in (*EMPTY, *(path.rpartition("/")[0] for path in PRIVATE)):
            with suppress(OSError):
                (self.repository / path).mkdir(parents=True, exist_ok=True)
        for path, content in {**UNTRACKED, **PRIVATE}.items():
            with suppress(OSError):
                (self.repository / path).write_text(content)


def surroundings() -> dict[str, str]:
    """The environment of everything here: this process's, with secrets, and without what changes kforge's answers."""
    left_out = ("GIT_", "GITHUB_", "KFORGE_", "PYTEST_", "COV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, **ENVIRONMENT, "PYTHONPATH": str(SPECS.parent), "PYTHONDONTWRITEBYTECODE": "1"}


def git(folder: Path, *words: str) -> str:
    safe = ["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "core.fsync=none"]
    done = subprocess.run(
        ["git", *safe, *words], cwd=folder, capture_output=True, check=False, env={**surroundings(), **GIT}
    )
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr!r}"
    return os.fsdecode(done.stdout).strip()


def template(top: Path, server: Forkserver, shop: bool = False) -> World:
    """The world of no attempt: everything built and committed on `main`. `shop`: with that example beside the
    application.
    """
    world = World(top)
    write(world.repository, FILES)
    shutil.copytree(
        SPECS / "hello" / "web",
        world.app / "web",
        ignore=shutil.ignore_patterns("Dockerfile", ".dockerignore", "__pycache__"),
    )
    if shop:
        copied("shop", world.repository / "shop")
    write(world.outside, OUTSIDE)
    for folder in (world.ran, top / "cache"):
        folder.mkdir()
    git(world.repository, "init", "-q", "-b", "main")
    done = server.run(("build",), world.repository, world.environment)
    assert done.code == 0, done.said.decode()
    for state in world.repository.glob("*/.kforge"):
        shutil.rmtree(state)
    world.commit()
    git(world.repository, "gc", "-q")
    git(world.repository, "checkout", "-q", "-b", "pr")
    with (world.repository / ".git/config").open("a") as config:
        config.write(f'[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic {PLANTED}InGitConfig\n')
    for hook in (world.repository / ".git/hooks").glob("*"):
        hook.unlink()
    return world


def clone(world: World, top: Path) -> World:
    """A world of its own with the same content."""
    shutil.copytree(world.top, top, symlinks=True)
    return World(top)
