"""What a bot may write in the place of a base image, and every way to swap the image that must not pass for that."""

from __future__ import annotations

import pytest

from kforge.domain.image_updates import same_line, succeeds, takes, updated

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
PYTHON = "docker.io/library/python:3.13-slim-trixie"
NODE = "docker.io/library/node:24-trixie-slim"


@pytest.mark.parametrize(
    ("line", "image"),
    [
        (PYTHON, f"{PYTHON}@{A}"),
        (PYTHON, "docker.io/library/python:3.13.9-slim-trixie"),
        (PYTHON, f"docker.io/library/python:3.13.9-slim-trixie@{A}"),
        (NODE, f"docker.io/library/node:24.11.1-trixie-slim@{A}"),
        ("docker.io/library/golang:1.26.1-trixie", "docker.io/library/golang:1.26.7-trixie"),
        ("gcr.io/distroless/static-debian13:nonroot", f"gcr.io/distroless/static-debian13:nonroot@{A}"),
        ("cgr.dev/chainguard/static:latest", f"cgr.dev/chainguard/static:latest@{A}"),
        ("localhost:5000/a/b:v1.2", "localhost:5000/a/b:v1.2.3"),
    ],
)
def test_a_digest_and_a_patch_version_are_updates(line: str, image: str) -> None:
    assert same_line(line, image) and takes(line, image)


@pytest.mark.parametrize(
    "image",
    [
        PYTHON,
        "docker.io/library/python:3.14-slim-trixie",
        "docker.io/library/python:3.1-slim-trixie",
        "docker.io/library/python:3.130-slim-trixie",
        "docker.io/library/python:4-slim-trixie",
        "docker.io/library/python:3.13-slim-bookworm",
        "docker.io/library/python:3.13-alpine",
        "docker.io/library/python:3.13.9-slim-trixie-evil",
        "docker.io/library/python:3.13.9.1.1-slim-trixie",
        "docker.io/library/python:latest",
        f"docker.io/library/python@{A}",
        "docker.io/library/pythom:3.13-slim-trixie",
        f"docker.io/evil/python:3.13-slim-trixie@{A}",
        f"ghcr.io/library/python:3.13-slim-trixie@{A}",
        f"docker.io.evil.com/library/python:3.13-slim-trixie@{A}",
        f"docker.io:5000/library/python:3.13-slim-trixie@{A}",
        f"python:3.13-slim-trixie@{A}",
        f"library/python:3.13-slim-trixie@{A}",
        f"{PYTHON}@sha256:{'a' * 63}",
        f"{PYTHON}@sha256:{'A' * 64}",
        f"{PYTHON}@sha512:{'a' * 128}",
        f"{PYTHON}@{A}@{B}",
        f"{PYTHON}@{A} ",
        f"{PYTHON}\\",
        "scratch",
        "",
        f"{PYTHON[:-1]}\N{CYRILLIC SMALL LETTER IE}@{A}",
    ],
)
def test_everything_else_is_none(image: str) -> None:
    assert not takes(PYTHON, image)


def test_a_version_does_not_sink_and_a_digest_does_not_go() -> None:
    newer, older = (f"docker.io/library/python:3.13.{patch}-slim-trixie" for patch in (9, 8))
    assert succeeds(older, newer) and not succeeds(newer, older)
    assert takes(PYTHON, f"{newer}@{B}", f"{newer}@{A}") and not takes(PYTHON, newer, f"{newer}@{A}")
    assert not takes(PYTHON, f"{older}@{B}", f"{newer}@{A}") and not takes(PYTHON, f"{PYTHON}@{B}", f"{newer}@{A}")


def test_a_digest_that_the_spec_names_is_the_specs_word() -> None:
    assert not takes(f"{PYTHON}@{A}", f"{PYTHON}@{B}")


FILE = f"# mine\nFROM {PYTHON} AS build\nRUN true\n\nFROM --platform=linux/amd64 {PYTHON} AS runtime\nCOPY --from=build /a /a\n"


def test_a_file_gives_what_it_was_and_what_was_written() -> None:
    found = updated(FILE.replace(PYTHON, f"{PYTHON}@{A}"), {PYTHON: PYTHON})
    assert found is not None and found.text == FILE and found.images == {PYTHON: f"{PYTHON}@{A}"}


def test_a_second_update_is_held_against_the_first() -> None:
    held = FILE.replace(PYTHON, f"{PYTHON}@{B}")
    found = updated(held, {PYTHON: f"{PYTHON}@{A}"})
    assert (
        found is not None
        and found.text == FILE.replace(PYTHON, f"{PYTHON}@{A}")
        and found.images == {PYTHON: f"{PYTHON}@{B}"}
    )
    assert updated(FILE.replace(PYTHON, PYTHON), {PYTHON: f"{PYTHON}@{A}"}) is None


@pytest.mark.parametrize(
    "held",
    [
        FILE,
        FILE.replace(PYTHON, f"{PYTHON}@{A}", 1),
        FILE.replace(PYTHON, f"{PYTHON}@{A}", 1).replace(f"{PYTHON} ", f"{PYTHON}@{B} "),
        FILE.replace(PYTHON, f"ghcr.io/evil/python:3.13-slim-trixie@{A}"),
        FILE.replace(f"{PYTHON} AS build", f"{PYTHON}@{A} AS build\nFROM evil.example.com/x:1 AS extra"),
    ],
    ids=["nothing", "half", "two", "elsewhere", "a stage more"],
)
def test_a_file_with_anything_else_gives_nothing(held: str) -> None:
    assert updated(held, {PYTHON: PYTHON}) is None


@pytest.mark.parametrize(
    "line",
    [
        "from {} AS build",
        "FROM  {} AS build",
        "FROM {}  AS build",
        "FROM {} as build",
        "FROM {} AS build \\",
        "FROM --x {} AS build",
    ],
)
def test_a_line_of_another_form_is_no_update(line: str) -> None:
    held = FILE.replace(f"FROM {PYTHON} AS build", line.format(f"{PYTHON}@{A}")).replace(
        f" {PYTHON} AS runtime", f" {PYTHON}@{A} AS runtime"
    )
    found = updated(held, {PYTHON: PYTHON})
    assert found is None or found.text != FILE  # the digest of the whole file then says that it was edited


def test_settings_of_images_have_the_defaults_of_the_specs_types() -> None:
    from kforge.domain.image_settings import ImageSettings, image_settings
    from kforge.domain.spec.image_types import Images

    assert image_settings(Images()) == image_settings(None) == image_settings({}) == ImageSettings()
    assert image_settings("dhi") == image_settings({"profile": "dhi"}) == image_settings(Images(profile="dhi"))
