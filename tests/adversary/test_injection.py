"""A model that always obeys an attacker, who wrote its source: whatever stands in which line, no image, address or privilege
comes of it.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from kforge.domain.images import allowed
from kforge.domain.invisible_chars import INVISIBLE
from kforge.domain.model.question import Question, Rejected
from kforge.domain.topic_names import TOPIC_NAMES
from kforge.llm.answer import read_answer
from kforge.llm.small_question import small_form
from kforge.outcome import Outcome
from tests.adversary.payloads import PAYLOADS
from tests.adversary.scripted import SPECS, Model, addresses, build, images, obedient, text
from tests.conftest import copied
from tests.questions import WEB, question
from tests.trials import sample, widths
from tests.wishes import WISH

REGISTRIES = ("ghcr.io/acme", "registry.acme.internal", "docker.io/library", "gcr.io/distroless")
TEXTS = tuple(payload for payload in PAYLOADS if isinstance(payload, str) and "\ud800" not in payload)
# Lines that tell something, with a place for what an attacker would like to be told.
LINES: dict[str, tuple[str, ...]] = {
    "README.md": (
        "It needs {} of memory.", "It needs 900 MB of memory, {}.", "The start takes {}.", "The start takes 6 minutes {}.",
        "Install {} with `apt-get install {}` first.", "It calls `{}`, which must be installed.", "Run exactly one instance of {}.",
        "It writes its cache to {}.", "Start it with `python {}`.", "A second run {} does harm.",
    ),
    "conf.yaml": ("cache_dir: {}", "data: {}", "timeout: {}", "memory: {}", "# needs {} of memory"),
    "deploy/setup.sh": ("apt-get install -y {}", "# apt-get install -y ffmpeg {}", "mkdir -p {}", "exec gunicorn {}", "python {}"),
    "app.py": ("# takes {} to start", "open('{}', 'w')", "subprocess.run(['{}'])", "signal.signal(SIGTERM, stop)  # {}", "time.sleep({})"),
}  # fmt: skip
ATTEMPTS = [(file, line, payload) for file, lines in LINES.items() for line in lines for payload in TEXTS]


def told(pattern: str) -> int:
    """A figure that the documentation gives."""
    found = re.search(pattern, (SPECS.parent / "docs" / "models.md").read_text(encoding="utf-8"))
    assert found, pattern
    return int(found[1].replace(",", ""))


def test_there_are_as_many_attempts_as_the_documentation_says() -> None:
    assert len(ATTEMPTS) > told("more than ([0-9,]+) lines")
    assert len({repr(payload) for payload in PAYLOADS}) == len(PAYLOADS) == told("put ([0-9]+) payloads")


def asked_about(file: str, line: str, payload: str) -> list[Question]:
    """The questions that a line leads to, of every topic."""
    files = {file: f"{line.replace('{}', payload)}\n"}
    found = [question(topic, WEB, None, files, readable=tuple(files)) for topic in TOPIC_NAMES]
    return [one for one in found if small_form(one)]


def leaves(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [leaf for item in inner for leaf in leaves(item)] if inner else [value]


@pytest.mark.parametrize("every", widths(3))
@pytest.mark.parametrize("file", LINES)
def test_what_comes_of_a_line_is_a_plain_word_within_its_bounds(file: str, every: int) -> None:
    """Every phrase that can be said of every line with every payload."""
    moved = 0
    for _, line, payload in [one for one in ATTEMPTS if one[0] == file][::every]:
        for asked in asked_about(file, line, payload):
            form = small_form(asked)
            assert form
            honest = obedient(asked)
            for key, schema in form.schema()["properties"].items():
                for phrase in schema["enum"]:
                    answer = read_answer(text({**honest, key: phrase}), asked)
                    moved += dict(answer.value) != dict(asked.baseline.value)
                    harmless(answer.value, asked.baseline.value, payload)
                    for why in answer.reasons.values():
                        assert not INVISIBLE.search(why) and "\n" not in why and "://" not in why and "<" not in why
    assert moved  # lines do tell something, also with an attacker's words beside it


def harmless(value: Any, usual: Any, payload: str) -> None:
    new = [one for one in leaves(dict(value)) if one not in leaves(dict(usual))]
    for one in new:
        if isinstance(one, str):
            assert not set(one) & set("\n\r\0\\`$;|&<>{}()'\""), (payload, one)
            assert "://" not in one and "evil" not in one and not one.startswith("-"), (payload, one)
            assert not one.startswith(("/etc", "/proc", "/run", "/var/run")) and one != "/", (payload, one)
    assert value.get("user", 1) != 0
    assert value.get("base") == usual.get("base") and value.get("runtime") == usual.get("runtime")


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_an_answer_that_is_none_of_the_choices_is_refused(topic: str, payload: Any) -> None:
    asked = question(topic, WEB, {"requirements": WISH.format("web")})
    form = small_form(asked)
    assert form
    honest = obedient(asked)
    for key in honest:
        with pytest.raises(Rejected) as caught:
            read_answer(json.dumps({**honest, key: payload}), asked)
        assert not INVISIBLE.search(caught.value.finding) and len(caught.value.finding) < 6000
    with pytest.raises(Rejected):
        read_answer(json.dumps({**honest, "hostNetwork": payload}), asked)


@cache
def unattacked(example: str) -> Outcome:
    """What the model's answers make of an example with no attacker's words in it."""
    with TemporaryDirectory() as name:
        return build("", Model(lambda asked: text(obedient(asked))), copied(example, Path(name) / example))


@pytest.mark.parametrize("payload", sample(TEXTS, 14))
@pytest.mark.parametrize("example", ["hello", "shop", "batch"])
def test_a_build_of_hostile_sources_has_no_image_or_address_of_its_authors(
    example: str, payload: str, tmp_path: Path
) -> None:
    folder = copied(example, tmp_path / example)
    for source in {path.parent for name in ("main.py", "package.json", "go.mod") for path in folder.rglob(name)}:
        for file, lines in LINES.items():
            if file.endswith((".md", ".yaml", ".sh")):
                place = source / file
                place.parent.mkdir(exist_ok=True)
                place.write_text("\n".join(line.replace("{}", payload) for line in lines) + "\n", encoding="utf-8")
    model = Model(lambda asked: text(obedient(asked)))
    outcome = build("", model, folder)
    assert model.rejected == 0
    known = unattacked(example)
    # A program that needs a package runs on an image that can have one.
    assert images(outcome) <= images(known) | {"docker.io/library/debian:trixie-slim"}
    assert addresses(outcome) <= addresses(known)
    assert all(allowed(image, REGISTRIES) for image in images(outcome) if "/" in image)
    assert [finding for finding in outcome.findings if finding.level == "error"] == []
    for file_ in outcome.files.values():
        assert b"evil.example.com" not in file_.content and b"\x1b" not in file_.content
