"""`kforge upgrade --images`: digests come from a registry on loopback into the lock, or into `bases`, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import run, tree, write
from tests.system.oci_server import Registry, digest_of, manifest, serving
from tests.system.test_registry import distribution, push

__all__ = ["distribution"]  # a fixture: the registry of the distribution project, where that program is here

PROGRAM = (
    "import http.server\nhttp.server.HTTPServer(('', 8000), http.server.SimpleHTTPRequestHandler).serve_forever()\n"
)
SPEC = """\
apiVersion: kforge.dev/v1
app: shop
registry: ghcr.io/acme
images: {{pin: digests}}
bases: {{python-3.13: "{image}"}}
services:
  web: {{source: ./web}}
"""
ONE, TWO = manifest("one"), manifest("two")


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving(Registry(manifests={"library/python:3.13-slim": ONE})) as made:
        yield made


def project(folder: Path, image: str) -> Path:
    write(
        folder,
        {"app.kforge.yaml": SPEC.format(image=image), "web/main.py": PROGRAM, "web/requirements.txt": "flask==3.1.0\n"},
    )
    return folder


def test_a_tag_gets_its_digest_in_the_lock_and_later_the_next_one(tmp_path: Path, registry: Registry) -> None:
    image = f"{registry.host}/library/python:3.13-slim"
    folder = project(tmp_path, image)
    assert run("build", cwd=folder).code == 1
    assert digest_of(ONE) in run("upgrade", "--images", cwd=folder, code=0).out
    assert f"FROM {image}@{digest_of(ONE)} AS runtime" in (folder / "web/Dockerfile").read_text()
    assert {run(*words, cwd=folder).code for words in (("check",), ("check", "--full"))} == {0}
    assert (
        image in (folder / "app.kforge.yaml").read_text() and "@sha256" not in (folder / "app.kforge.yaml").read_text()
    )
    registry.manifests["library/python:3.13-slim"] = TWO
    run("upgrade", "--images", cwd=folder, code=0)
    assert (folder / "web/Dockerfile").read_text().count(digest_of(TWO)) == 2
    assert run("upgrade", "--images", cwd=folder, code=0).out == ""
    assert {run(*words, cwd=folder).code for words in (("check",), ("check", "--full"))} == {0}


def test_a_real_registry_moves_the_digest_as_its_tag_moves(tmp_path: Path, distribution: str) -> None:
    image = f"{distribution}/library/python:3.13-slim"
    first = push(distribution, "library/python", "3.13-slim", "one")
    folder = project(tmp_path, image)
    assert run("build", cwd=folder).code == 1
    run("upgrade", "--images", cwd=folder, code=0)
    dockerfile = folder / "web/Dockerfile"
    assert dockerfile.read_text().count(f"FROM {image}@{first} AS") == 2
    second = push(distribution, "library/python", "3.13-slim", "two")
    assert {run(*words, cwd=folder).code for words in (("check",), ("check", "--full"))} == {0}
    run("upgrade", "--images", cwd=folder, code=0)
    assert second != first and dockerfile.read_text().count(f"FROM {image}@{second} AS") == 2
    assert {run(*words, cwd=folder).code for words in (("check",), ("check", "--full"))} == {0}


def test_each_image_is_asked_for_once(tmp_path: Path, registry: Registry) -> None:
    folder = project(tmp_path, f"{registry.host}/library/python:3.13-slim")
    run("upgrade", "--images", cwd=folder, code=0)
    assert len(registry.asked) == 1


def test_a_digest_of_the_spec_moves_in_the_spec_and_its_comments_stay(tmp_path: Path, registry: Registry) -> None:
    image = f"{registry.host}/library/python:3.13-slim@{digest_of(TWO)}"
    folder = project(tmp_path, image)
    spec = folder / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("services:", "# ours\nservices:"))
    run("build", cwd=folder, code=0)
    run("upgrade", "--images", cwd=folder, code=0)
    assert (
        digest_of(ONE) in spec.read_text() and digest_of(TWO) not in spec.read_text() and "# ours" in spec.read_text()
    )
    assert "images:" not in (folder / "kforge.lock").read_text()
    assert {run(*words, cwd=folder).code for words in (("check",), ("check", "--full"))} == {0}


def test_a_dry_run_writes_nothing(tmp_path: Path, registry: Registry) -> None:
    folder = project(tmp_path, f"{registry.host}/library/python:3.13-slim")
    before = tree(folder)
    done = run("upgrade", "--images", "--dry-run", cwd=folder, code=0)
    assert digest_of(ONE) in done.out and "1 would move" in done.err and tree(folder) == before


@pytest.mark.parametrize(("fault", "code"), [((404, {}, b""), 2), ((503, {}, b""), 75), ((200, {}, b"x"), 3)])
def test_a_registry_that_has_no_answer_leaves_every_file(
    tmp_path: Path, registry: Registry, fault: tuple[int, dict[str, str], bytes], code: int
) -> None:
    folder = project(tmp_path, f"{registry.host}/library/python:3.13-slim")
    registry.fault = fault
    before = tree(folder)
    done = run("upgrade", "--images", cwd=folder, code=code)
    assert "python:3.13-slim" in done.err and "help:" in done.err and tree(folder) == before


def test_an_open_question_of_a_model_is_not_settled_on_the_way(tmp_path: Path, registry: Registry) -> None:
    folder = project(tmp_path, f"{registry.host}/library/python:3.13-slim")
    spec = folder / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("services:", "model: {name: any}\nservices:"))
    done = run("upgrade", "--images", cwd=folder, code=2)
    assert "leaves it to a model" in done.err and registry.asked == []
