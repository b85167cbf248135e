"""What is locked decides which Python builds it: the newest of the project's range with wheels for all that is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kforge.detectors import python_releases
from kforge.detectors.python_ranges import release
from kforge.domain.facts import Facts
from kforge.domain.language import LanguageImage
from kforge.languages.python import LANGUAGE
from tests.detectors.reading import facts, notes, places

APP = {"main.py": "import fastapi\napp = fastapi.FastAPI()\n"}


def project(python: str, *names: str) -> str:
    return f'[project]\nname = "shop"\nversion = "1.0"\nrequires-python = "{python}"\ndependencies = {json.dumps(list(names))}\n'


def wheel(name: str, tags: str) -> str:
    return f'    {{ url = "https://files.example.com/ab/{name}-1.0-{tags}.whl", hash = "sha256:00", size = 1 }},\n'


def uv(*packages: str) -> str:
    return 'version = 1\nrequires-python = ">=3.10"\n\n' + "\n".join(packages)


def package(name: str, *tags: str, needs: str = "", sdist: bool = True, more: str = "") -> str:
    archive = f'sdist = {{ url = "https://files.example.com/cd/{name}-1.0.tar.gz", hash = "sha256:00" }}\n' * sdist
    wheels = f"wheels = [\n{''.join(wheel(name, each) for each in tags)}]\n" if tags else ""
    head = (
        f'[[package]]\nname = "{name}"\nversion = "1.0"\nsource = {{ registry = "https://pypi.example.com/simple" }}\n'
    )
    return f"{head}{more}{f'dependencies = [{needs}]' if needs else ''}\n{archive}{wheels}"


MANY = "manylinux_2_17_x86_64.manylinux2014_x86_64"
FAST = "py3-none-any"


def read(root: Path, python: str, lock: str, *names: str) -> Facts:
    return facts(root, {"pyproject.toml": project(python, *names), "uv.lock": lock, **APP})


def test_the_newest_python_with_wheels_for_all_that_is_locked_is_taken(tmp_path: Path) -> None:
    lock = uv(
        package("fastapi", FAST, needs='{ name = "fast" }'),
        package(
            "fast",
            f"cp311-cp311-{MANY}",
            f"cp312-cp312-{MANY}",
            "cp313-cp313-win_amd64",
            "cp314-cp314-musllinux_1_2_x86_64",
        ),
    )
    found = read(tmp_path, ">=3.10", lock, "fastapi")
    assert (found.value("version"), places(found, "version")) == ("3.12", ["uv.lock:15"])
    assert "Python 3.12, since `fast` 1.0 of `uv.lock` has no wheel for 3.14" in notes(found)
    assert found.value("build_packages") == []


@pytest.mark.parametrize(
    "tags", ["py3-none-any", "py2.py3-none-any", f"cp37-abi3-{MANY}", f"py3-none-{MANY}", "py310-none-any"]
)
def test_wheels_for_every_python_bind_nothing(tmp_path: Path, tags: str) -> None:
    found = read(tmp_path, ">=3.10", uv(package("fastapi", tags)), "fastapi")
    assert (found.value("version"), found.value("doubts")) == ("3.14", [])


@pytest.mark.parametrize(
    ("needs", "version"),
    [
        ('{ name = "win", marker = "sys_platform == \'win32\'" }', "3.14"),
        ("{ name = \"win\", marker = \"platform_system == 'Darwin' or os_name == 'nt'\" }", "3.14"),
        ('{ name = "win", marker = "python_full_version < \'3.12\'" }', "3.14"),
        ('{ name = "win", marker = "platform_machine == \'x86_64\'" }', "3.11"),
        ('{ name = "win", marker = "an unknown == thing" }', "3.11"),
    ],
)
def test_a_package_counts_where_its_marker_holds_in_an_image(tmp_path: Path, needs: str, version: str) -> None:
    lock = uv(package("fastapi", FAST, needs=needs), package("win", f"cp311-cp311-{MANY}"))
    assert read(tmp_path, ">=3.10", lock, "fastapi").value("version") == version


def test_what_only_development_installs_binds_nothing(tmp_path: Path) -> None:
    own = '[[package]]\nname = "shop"\nversion = "1.0"\nsource = { virtual = "." }\n[package.dev-dependencies]\ndev = [{ name = "old" }]\n'
    lock = uv(package("fastapi", FAST), package("old", f"cp310-cp310-{MANY}"), own)
    assert read(tmp_path, ">=3.10", lock, "fastapi").value("version") == "3.14"


def test_an_extra_that_is_asked_for_brings_its_packages(tmp_path: Path) -> None:
    more = package("fastapi", FAST) + '[package.optional-dependencies]\nall = [\n    { name = "old" },\n]\n'
    lock = uv(more, package("old", f"cp310-cp310-{MANY}"))
    assert read(tmp_path / "a", ">=3.10", lock, "fastapi[all]").value("version") == "3.10"
    assert read(tmp_path / "b", ">=3.10", lock, "fastapi").value("version") == "3.14"


def test_one_of_two_locked_versions_counts_by_its_own_markers(tmp_path: Path) -> None:
    older = package(
        "fast", f"cp310-cp310-{MANY}", more="resolution-markers = [\n    \"python_full_version < '3.11'\",\n]\n"
    )
    newer = package(
        "fast",
        f"cp311-cp311-{MANY}",
        f"cp313-cp313-{MANY}",
        more="resolution-markers = [\"python_full_version >= '3.11'\"]\n",
    )
    assert (
        read(
            tmp_path, ">=3.10", uv(package("fastapi", FAST, needs='{ name = "fast" }'), older, newer), "fastapi"
        ).value("version")
        == "3.13"
    )


def test_a_pinned_python_stays_and_what_has_no_wheel_for_it_is_told_and_compiled(tmp_path: Path) -> None:
    lock = uv(package("fastapi", FAST, needs='{ name = "cffi" }'), package("cffi", f"cp311-cp311-{MANY}"))
    found = facts(
        tmp_path, {".python-version": "3.13\n", "pyproject.toml": project(">=3.10", "fastapi"), "uv.lock": lock, **APP}
    )
    assert (found.value("version"), places(found, "version")) == ("3.13", [".python-version:1"])
    assert found.value("build_packages") == ["gcc", "libc6-dev", "libffi-dev"]
    assert [one["said"] for one in found.value("doubts")] == [
        "`cffi` 1.0 of `uv.lock` has no wheel for Python 3.13, which may keep the image from being built"
    ]


def test_a_package_that_has_only_its_source_brings_a_compiler_unless_it_is_known_to_be_plain_python(
    tmp_path: Path,
) -> None:
    lock = uv(*(package(name) for name in ("fastapi", "docopt", "django-thing")))
    assert read(tmp_path / "a", ">=3.10", lock, "docopt", "django-thing").value("build_packages") == []
    assert read(tmp_path / "b", ">=3.10", lock, "fastapi").value("build_packages") == ["g++", "libc6-dev"]


def test_libraries_and_git_are_there_for_what_is_locked_without_being_named(tmp_path: Path) -> None:
    source = '[[package]]\nname = "own"\nversion = "1.0"\nsource = { git = "https://git.example.com/own?rev=1#0" }\n'
    lock = uv(package("fastapi", FAST, needs='{ name = "psycopg2" }, { name = "own" }'), package("psycopg2"), source)
    found = read(tmp_path, ">=3.10", lock, "fastapi")
    assert (found.value("packages"), found.value("build_packages")) == (
        ["libpq5"],
        ["gcc", "git", "libc6-dev", "libpq-dev"],
    )


POETRY = """[[package]]
name = "Fast_Api"
version = "0.1"
python-versions = ">=3.8,<3.13"
{files}
[package.dependencies]
uvloop = {{version = ">=0.1", markers = "sys_platform != \\"win32\\""}}
tomli = "*"

[package.extras]
all = ["x"]

[[package]]
name = "uvloop"
version = "0.16.0"
python-versions = ">=3.7"
{loop}
[[package]]
name = "tomli"
version = "1"
python-versions = "*"

[metadata]
lock-version = "{form}"
python-versions = "^3.9"
{last}"""
LOOP = '{file = "uvloop-0.16.0-cp310-cp310-manylinux_2_12_x86_64.whl", hash = "sha256:00"}'
ANY = '{file = "fast_api-0.1-py3-none-any.whl", hash = "sha256:00"}'
FORMS = {
    "2.1": POETRY.format(files=f"files = [\n    {ANY},\n]\n", loop=f"files = [\n    {LOOP},\n]\n", form="2.1", last=""),
    "1.1": POETRY.format(
        files="",
        loop="",
        form="1.1",
        last=f"\n[metadata.files]\nfast-api = [\n    {ANY},\n]\nuvloop = [\n    {LOOP},\n]\ntomli = []\n",
    ),
}
MANIFEST = '[tool.poetry]\nname = "shop"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.9"\nfast-api = "*"\n'


@pytest.mark.parametrize("form", FORMS)
def test_both_forms_of_poetry_s_lock_are_read(tmp_path: Path, form: str) -> None:
    assert facts(tmp_path, {"pyproject.toml": MANIFEST, "poetry.lock": FORMS[form], **APP}).value("version") == "3.10"


def test_a_package_that_needs_an_older_python_binds_by_its_range(tmp_path: Path) -> None:
    lock = FORMS["2.1"].replace(LOOP, LOOP.replace("cp310", "cp312"))
    found = facts(tmp_path, {"pyproject.toml": MANIFEST, "poetry.lock": lock, **APP})
    assert found.value("version") == "3.12"
    assert "`fast-api` 0.1" in notes(found)


@pytest.mark.parametrize(
    ("requirements", "version"),
    [
        ("fastapi\ngreenlet==3.0.1\n", "3.12"),
        ("fastapi\nGreenlet == 3.0.1 ; python_version >= '3.8' --hash=sha256:00\n", "3.12"),
        ("multidict==6.0.4\ngreenlet==3.0.1", "3.11"),
        ("greenlet==3.0.1; sys_platform == 'win32'", None),
        ("greenlet>=3.0.1", None),
        ("greenlet==9.0", None),
        ("Django==4.2.11", "3.12"),
        ("Django==5.2", None),
        ("pydantic==1.10.12", "3.11"),
        ("pydantic==1.10.20", None),
        ("markupsafe==2.1.3", None),
        ("greenlet===not-a-version", None),
        ("-r more.txt", "3.12"),
        ("Django>=4.2,<5.0", "3.12"),
        ("Django~=4.2.0", "3.12"),
        ("Django~=5.0", None),
        ("numpy<2", "3.12"),
        ("pydantic (<2)", None),
    ],
)
def test_versions_alone_bind_where_a_well_known_package_is_older(
    tmp_path: Path, requirements: str, version: str | None
) -> None:
    found = facts(tmp_path, {"requirements.txt": requirements, "more.txt": "greenlet==3.0.1", **APP})
    assert found.value("version") == version


def test_pipenv_s_lock_names_versions(tmp_path: Path) -> None:
    lock = {
        "default": {
            "numpy": {"version": "==1.26.4"},
            "lxml": {"version": "==4.9.2", "markers": "sys_platform == 'win32'"},
        },
        "develop": {"lxml": {"version": "==4.9.2"}},
    }
    found = facts(tmp_path, {"Pipfile": '[packages]\nnumpy = "*"\n', "Pipfile.lock": json.dumps(lock), **APP})
    assert (found.value("version"), places(found, "version")) == ("3.12", ["Pipfile.lock"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[[package]]",
        '[[package]]\nname = "x"',
        "[[package]]\nname = x\n]\n[",
        "\0",
        '{"default": []}',
        '{"default": {"a": 1}}',
    ],
)
def test_a_broken_lock_binds_nothing(tmp_path: Path, text: str) -> None:
    for name in ("uv.lock", "poetry.lock", "Pipfile.lock"):
        found = facts(
            tmp_path / name,
            {"pyproject.toml": project(">=3.11", "fastapi"), "Pipfile": "[packages]\n", name: text, **APP},
        )
        assert found.value("version") in ("3.14", None)


def test_the_python_of_a_project_that_names_none_is_that_of_the_language_s_record() -> None:
    assert isinstance(LANGUAGE.image, LanguageImage)
    assert LANGUAGE.image.version == f"3.{python_releases.USUAL}"


def test_data_of_releases_rises_with_every_python() -> None:
    for table in ("wheels", "runs"):
        for name, row in python_releases._table(table).items():
            known = [(int(key[2:]), first) for key, first in row.items() if key != "page" and first is not None]
            firsts = [release(first if isinstance(first, str) else first[-1]) for _, first in known]
            assert [minor for minor, _ in known] == sorted(minor for minor, _ in known), name
            assert firsts == sorted(firsts), name


@pytest.mark.parametrize(
    ("requirement", "packages"),
    [
        ("psycopg[c]==3.2.3", ["gcc", "libc6-dev", "libpq-dev"]),
        ("psycopg[binary]", []),
        ("sqlalchemy[mysql]", ["gcc", "libc6-dev", "libmariadb-dev", "pkg-config"]),
        ("sqlalchemy", []),
    ],
)
def test_an_extra_that_brings_a_package_brings_what_it_is_built_with(
    tmp_path: Path, requirement: str, packages: list[str]
) -> None:
    assert facts(tmp_path, {"requirements.txt": requirement, **APP}).value("build_packages") == packages


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({".python-version": "2.7.18"}, "`.python-version` asks for Python `2.7.18`, which no known release fits"),
        ({"pyproject.toml": project(">=3.99")}, "`pyproject.toml` asks for Python `>=3.99`, which no known release fits"),
        ({"Pipfile": '[packages]\n[requires]\npython_version = "3.5"\n'}, "`Pipfile` asks for Python `3.5`, which no known release fits"),
        ({".python-version": "3.11", "pyproject.toml": project(">=3.12")},
         "`.python-version` pins Python 3.11, and `pyproject.toml` asks for `>=3.12`: an installation may refuse it"),
    ],
)  # fmt: skip
def test_a_python_that_cannot_be_is_told_at_its_place(tmp_path: Path, files: dict[str, str | bytes], said: str) -> None:
    found = facts(tmp_path, {**files, **APP})
    assert [one["said"][: len(said)] for one in found.value("doubts")] == [said]


@pytest.mark.parametrize(
    "files",
    [
        {".python-version": "3.12.4"},
        {"pyproject.toml": project(">=3.10")},
        {".python-version": "3.12", "pyproject.toml": project(">=3.12")},
        {},
    ],
)
def test_a_python_that_can_be_is_not(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert facts(tmp_path, {"requirements.txt": "fastapi", **files, **APP}).value("doubts") == []


@pytest.mark.parametrize(
    ("manifest", "version"),
    [
        ('[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["pydantic<2", "fastapi"]\n', "3.13"),
        ('[tool.poetry]\nname = "x"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.10"\ndjango = "^4.2"\n', "3.12"),
        ('[tool.poetry]\nname = "x"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.10"\nnumpy = {version = "<2", markers = "sys_platform == \'win32\'"}\n', "3.14"),
    ],
)  # fmt: skip
def test_ranges_without_a_lock_bind_as_far_as_they_reach(tmp_path: Path, manifest: str, version: str) -> None:
    assert facts(tmp_path, {"pyproject.toml": manifest, **APP}).value("version") == version


def test_the_note_names_the_release_and_the_file_that_has_it(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"requirements.txt": "-r more.txt", "more.txt": "fastapi\ngreenlet == 3.0.1"}
    found = facts(tmp_path, {**files, **APP})
    assert "Python 3.12, since `greenlet` 3.0.1 of `more.txt` has no wheel for 3.13" in notes(found)
    assert places(found, "version") == ["more.txt:2"]
