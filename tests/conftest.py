"""What many tests start from: a copy of an example, built."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SPECS = Path(__file__).parents[1] / "specs"
BUILT = ("deploy", "docker-bake.hcl", "kforge.lock", "kforge.sum", ".kforge", "Dockerfile", ".dockerignore", "node_modules")


def kforge(*words, cwd, code=0, env=None):
    """Run kforge as a user does; assert the exit code and return the finished process."""
    done = subprocess.run(
        [sys.executable, "-m", "kforge", *words], cwd=cwd, capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def copied(name, target):
    """An example without its generated files, in a folder of its own."""
    shutil.copytree(SPECS / name, target, ignore=shutil.ignore_patterns(*BUILT))
    return target


@pytest.fixture(scope="session")
def built_template(tmp_path_factory):
    """The shop, built once for the session; `built_shop` gives each test its own copy."""
    folder = copied("shop", tmp_path_factory.mktemp("built") / "shop")
    kforge("build", cwd=folder)
    return folder


@pytest.fixture
def built_shop(built_template, tmp_path):
    return Path(shutil.copytree(built_template, tmp_path / "shop", ignore=shutil.ignore_patterns(".kforge")))
