"""A repository of somebody who uses kforge: an example, built and committed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import once

ROOT = Path(__file__).parents[2]
# The user's own git configuration (signing, hooks, templates) plays no part.
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


def clean_environment() -> dict[str, str]:
    """This process's environment, less what git hooks and CI leave in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))} | GIT


@pytest.fixture(scope="session")
def repository_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "repository", _make_repository)


@pytest.fixture
def repository(repository_template: Path, tmp_path: Path) -> Path:
    """A copy of the built and committed example, git's folder included."""
    return Path(shutil.copytree(repository_template, tmp_path / "repository", symlinks=True))


def _make_repository(folder: Path) -> None:
    ignored = shutil.ignore_patterns("node_modules", ".kforge", "__pycache__", ".venv")
    shutil.copytree(ROOT / "specs/hello", folder, ignore=ignored)
    (folder / ".gitignore").write_text(".kforge/\n")
    git(folder, "init", "-q", "-b", "main")
    kforge = subprocess.run(
        [sys.executable, "-m", "kforge", "build"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert kforge.returncode == 0, kforge.stderr
    commit(folder)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as the action and pre-commit make one, with a script as pip writes it; kforge is this checkout's."""
    folder = tmp_path_factory.mktemp("installed") / "kforge"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "kforge.pth").write_text(
        "\n".join([str(ROOT), *(path for path in sys.path if "-packages" in path), ""])
    )
    script = folder / "bin/kforge"
    script.write_text(f"#!{folder}/bin/python\nimport sys\nfrom kforge.cli import main\nsys.exit(main())\n")
    script.chmod(0o755)
    return folder


# What Python, pip and git look for by name, were they to look in the checkout.
MODULES = (
    "venv.py", "pip.py", "ensurepip.py", "site.py", "sitecustomize.py", "usercustomize.py", "encodings.py", "argparse.py", "yaml.py", "kforge.py",
    "kforge/__init__.py", "kforge/__main__.py", "pip/__init__.py", "pip/__main__.py", "yaml/__init__.py", "setup.py", "pydantic.py", "setuptools.py",
)  # fmt: skip


@pytest.fixture
def canary(repository: Path) -> Path:
    """A file that appears when anything of the checkout is run: modules, settings and a bare repository lie at its top."""
    told = repository.parent / "canary"
    code = f"open({str(told)!r}, 'a').write(__name__ + '\\n')\n"
    for name in MODULES:
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(code)
    (repository / "evil.pth").write_text(f"import sys; open({str(told)!r}, 'a').write('pth')\n")
    (repository / "pyvenv.cfg").write_text("home = /nonexistent\ninclude-system-site-packages = true\n")
    (repository / "setup.cfg").write_text("[metadata]\nname = evil\n[easy_install]\nfind_links = .\n")
    (repository / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/\nno-index = true\n")
    (repository / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'kforge'\nbackend-path = ['.']\n"
    )
    plant_bare(repository, told)
    plant_bare(repository / "web", told)
    return told


def plant_bare(folder: Path, told: Path) -> None:
    """Make a folder look like a bare repository whose configuration runs a command that writes `told`, in every way
    that git has.
    """
    script = f"touch {told}"
    for name in ("objects/info", "refs/heads", "hooks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "keep").write_text("")
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    for name in ("post-checkout", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman"):
        (folder / "hooks" / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / "hooks" / name).chmod(0o755)
    (folder / "config").write_text(
        "[core]\n\trepositoryformatversion = 1\n\tbare = true\n\thooksPath = hooks\n"
        f'\tfsmonitor = "{script}"\n\tsshCommand = "{script}"\n\tpager = "{script}"\n\taskPass = "{script}"\n\tgitProxy = "{script}"\n'
        f'\talternateRefsCommand = "{script}"\n\tattributesFile = .gitattributes\n'
        f'[alias]\n\trev-parse = "!{script}"\n\tls-tree = "!{script}"\n\tcat-file = "!{script}"\n\tfetch = "!{script}"\n'
        f'[diff]\n\texternal = "{script}"\n[diff "evil"]\n\ttextconv = "{script}"\n\tcommand = "{script}"\n'
        f'[filter "evil"]\n\tclean = "{script}"\n\tsmudge = "{script}"\n\tprocess = "{script}"\n\trequired = true\n'
        f'[credential]\n\thelper = "!{script}"\n[include]\n\tpath = more\n'
        '[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n\tpartialclonefilter = blob:none\n'
        f'\turl = "ext::sh -c {script.replace(" ", "% ")}"\n\tuploadpack = "{script}; :"\n[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n'
    )
    (folder / "more").write_text(f'[core]\n\tsshCommand = "{script}"\n')
    (folder / ".gitattributes").write_text("* diff=evil filter=evil\n")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, check=False, env=clean_environment()
    )
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change", "--no-verify")
    return git(folder, "rev-parse", "HEAD")


def run(folder: Path, *words: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Any program in a folder, its exit code left to the test."""
    environment = clean_environment() | dict(more or {})
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=600)
