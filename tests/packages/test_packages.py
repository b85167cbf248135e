"""What is published: the right files under the right name, and it works where it is installed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import venv
from email import message_from_string
from pathlib import Path

import pytest

from kforge import __version__
from kforge.domain.distribution import DISTRIBUTION, installing
from tests.conftest import contents, copied
from tests.packages import ROOT, Packages, build, names, text

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAME = f"{DISTRIBUTION.replace('-', '_')}-{__version__}"
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / ".github/packaging/pypi.md",
    *(ROOT / "docs").glob("*.md"),
]
BY_NAME_OF_OTHERS = re.compile(
    r"""(?:pip install|pipx install|pipx run|pipx inject|uv tool install|uvx(?: --from)?)(?: -\S+)* ["']?kforge(?![-\w])"""
)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    return build(tmp_path_factory.mktemp("dist"))


def tracked() -> list[str]:
    """Files of the package as git has them, or without git as they lie here."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "kforge"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("this is no git repository: what belongs to the package is not known")
    return sorted(path for path in done.stdout.split("\n") if path and (ROOT / path).exists())


def test_the_names_of_the_files_are_the_distribution_s(packages: Packages) -> None:
    assert (packages.wheel.name, packages.sdist.name) == (f"{NAME}-py3-none-any.whl", f"{NAME}.tar.gz")


def test_the_wheel_holds_the_package_and_its_papers_and_nothing_else(packages: Packages) -> None:
    papers = [
        f"{NAME}.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    ]
    page = f"{NAME}.data/data/share/man/man1/kforge.1"
    assert names(packages.wheel) == sorted([*tracked(), *papers, page])


def test_the_sdist_holds_what_makes_the_wheel_and_nothing_else(packages: Packages) -> None:
    papers = [".github/packaging/pypi.md", ".gitignore", "LICENSE", "PKG-INFO", "docs/kforge.1", "pyproject.toml"]
    assert names(packages.sdist) == sorted([*tracked(), *papers])


def test_the_papers_say_name_license_and_command(packages: Packages) -> None:
    said = message_from_string(text(packages.wheel, f"{NAME}.dist-info/METADATA"))
    assert (said["Name"], said["Version"], said["License-Expression"]) == (DISTRIBUTION, __version__, "Apache-2.0")
    assert text(packages.wheel, f"{NAME}.dist-info/entry_points.txt") == "[console_scripts]\nkforge = kforge.cli:main\n"


def test_both_are_the_same_bytes_from_one_day_to_the_next(packages: Packages, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in packages]


def test_the_index_takes_their_papers(packages: Packages) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *map(str, packages)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_on_the_index_has_no_link_that_leads_nowhere_from_there() -> None:
    page = (ROOT / ".github/packaging/pypi.md").read_text(encoding="utf-8")
    assert [link for link in re.findall(r"\]\(([^)]+)\)", page) if not link.startswith("https://")] == []


def test_no_page_and_no_message_installs_kforge_by_a_name_of_others() -> None:
    """`kforge` on the index is another project's: what installs it would run that."""
    places = [*PAGES, ROOT / "action.yml", *(ROOT / "kforge").rglob("*.py"), *(ROOT / ".github").rglob("*.*")]
    assert [path.name for path in places if BY_NAME_OF_OTHERS.search(path.read_text(encoding="utf-8"))] == []


def test_every_extra_that_is_named_is_there() -> None:
    extras = PROJECT["project"]["optional-dependencies"].keys()
    places = [*PAGES, *(ROOT / "kforge").rglob("*.py")]
    named = {
        name for path in places for name in re.findall(rf"{DISTRIBUTION}\[(\w+)\]", path.read_text(encoding="utf-8"))
    }
    assert named <= extras and PROJECT["project"]["name"] == DISTRIBUTION
    assert installing("local") == f'`pip install "{DISTRIBUTION}[local]"`'


@pytest.mark.performed
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_installed_in_a_fresh_environment_it_builds_an_example(packages: Packages, kind: str, tmp_path: Path) -> None:
    """Every dependency comes as a wheel: no compiler is needed. Nothing of this checkout is on its path."""
    home = tmp_path / "environment"
    venv.create(home)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(home / "bin/python")]
    words = [*pip, "install", "--quiet", "--only-binary", ":all:"]
    free = [] if kind == "wheel" else ["--no-binary", DISTRIBUTION]
    done = subprocess.run(
        [*words, *free, str(getattr(packages, kind))], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    if done.returncode and re.search(r"NewConnectionError|Temporary failure|Read timed out", done.stderr):
        pytest.skip("PyPI is not reachable: kforge's dependencies cannot be installed")
    assert done.returncode == 0, done.stderr

    def kforge(*words: str, cwd: Path) -> str:
        ended = subprocess.run(
            [str(home / "bin/kforge"), *words],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": "/usr/bin:/bin"},
        )
        return ended.stdout

    example = Path(copied("hello", tmp_path / "hello"))
    assert kforge("--version", cwd=tmp_path) == f"kforge {__version__}\n"
    kforge("build", cwd=example)
    kforge("check", "--full", cwd=example)
    built = contents(example)
    assert {name: content for name, content in contents(ROOT / "specs/hello").items() if name in built} == built
