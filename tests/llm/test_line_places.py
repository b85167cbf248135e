"""Lines that tell how a program ran until now, what its helpers do and how it is started; and their neighbours, which do not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kforge.llm.line_candidates import lines
from tests.growth import LINEAR, growth
from tests.llm.test_line_question import shown

UNIT = "[Service]\nExecStart=/usr/bin/python main.py\n{}=80\n"
POD = "spec:\n  template:\n    spec:\n      {}: 75\n"
PROBE = "        {}:\n          periodSeconds: 10\n          failureThreshold: 30\n"
HELPER = 'from flask import Flask\n@app.get("/healthz")\ndef health():\n    return check()\n\ndef check():\n    {}\n    return "ok"\n'
CALL = 'import subprocess\nsubprocess.run(["{}", "a.pdf"])\n'
START = "Start it with `python {}`.\n"


def values(topic: str, files: Mapping[str, str]) -> list[str]:
    return [str(one.value) for one in lines(shown(topic, files))]


@pytest.mark.parametrize(
    ("topic", "name", "text", "told", "beside"),
    [
        ("rollout", "web.service", UNIT, ("TimeoutStopSec", "80"), "TimeoutStartSec"),
        ("rollout", "deploy/app.yaml", POD, ("terminationGracePeriodSeconds", "75"), "activeDeadlineSeconds"),
        ("probes", "deploy/app.yaml", PROBE, ("startupProbe", "300"), "livenessProbe"),
        ("probes", "main.py", HELPER, ('db.execute("select 1")', "/healthz"), "n = 1"),
        ("build", "main.py", CALL, ("pdfinfo", "poppler-utils"), "shopctl"),
        ("process", "config.toml", '{} = "/srv/things"\n', ("cache_dir", "/srv/things"), "title"),
    ],
)
def test_a_line_tells_something_and_its_neighbour_does_not(
    topic: str, name: str, text: str, told: tuple[str, str], beside: str
) -> None:
    words, value = told
    assert values(topic, {name: text.replace("{}", words)}) == [value]
    assert values(topic, {name: text.replace("{}", beside)}) == []


def test_a_start_is_one_of_the_sources_files_and_no_test() -> None:
    files = {"README.md": START.format("serve.py"), "serve.py": "x = 1\n", "main.py": "y = 1\n"}
    assert values("process", files) == ["('python', 'serve.py')"]
    assert values("process", files | {"README.md": START.format("other.py")}) == []
    tests = {"README.md": START.format("tests/serve.py"), "tests/serve.py": "x = 1\n"}
    assert values("process", tests) == []


HELD = "The list of words takes 900 MB of memory."


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        (f"# Words\n\n## Operation\n\n{HELD}\n", True),
        (f"# Words\n\n## Development\n\n{HELD}\n", False),
        (f"# Words\n\n## Development\n\n### On a Mac\n\n{HELD}\n", False),
        (f"# Words\n\n## Development\n\nRun it.\n\n## Operation\n\n{HELD}\n", True),
        (f"# A client of words\n\n{HELD}\n", True),  # the name of the whole
        (f"# Words\n\n## Datenbank\n\n{HELD}\n", False),
        (f"# Words\n\nWhat it needs:\n\n- {HELD}\n", True),
        (f"# Words\n\nThe machine of the gateway's team, which others run:\n\n- 2 cores\n- {HELD}\n", False),
        (f"# Words\n\nIt is asked by a proxy-server.\n\n{HELD}\n", True),
        ("# Words\n\nWords are held here. They take 900 MB of memory.\n", True),
        (f"# Words\n\n## Development\n\n```sh\n# start it\nmake run\n```\n\n{HELD}\n", False),
        (f"# Words\n\n## Operation\n\n```sh\n## run the tests\nmake test\n```\n\n{HELD}\n", True),
        (f"# Words\n\nThe server's settings are few. {HELD}\n", True),
        (f"# Words\n\nIt is not made for phones. On start {HELD.lower()}\n", True),
        (f"# Words\n\n## Workbench\n\n{HELD}\n", True),
        ("# Words\n\nThe gateway's lists are long.\nThey take 900 MB of memory.\n", False),
    ],
)
def test_a_line_is_about_what_its_section_its_list_and_its_paragraph_are_about(text: str, tells: bool) -> None:
    assert bool(values("resources", {"README.md": text})) is tells


@pytest.mark.parametrize("folder", ["legacy", "e2e", "archive", "app"])
def test_what_is_kept_for_reading_only_tells_nothing(folder: str) -> None:
    assert bool(values("resources", {f"{folder}/words.py": f"# {HELD}\n"})) is (folder == "app")


@pytest.mark.parametrize(
    "row", ["- at 900 MB\n", "## head\n", "They take 900 MB of memory\n", "    900 MB of memory\n"]
)
def test_many_lines_take_time_by_their_number(row: str) -> None:
    assert growth(lambda number: values("resources", {"README.md": row * number}), 400) < LINEAR


@pytest.mark.parametrize(
    ("topic", "row"),
    [
        ("probes", 'app.get("/healthz", one{0})\ndef one{0}(): return 1'),
        ("rollout", "signal(sigterm, one{0}, two{0}, three{0})"),
    ],
)
def test_many_handlers_take_time_by_their_number(topic: str, row: str) -> None:
    def many(number: int) -> None:
        rows = [row.format(at) for at in range(number)]
        lines(shown(topic, {f"m{first}.py": "\n".join(rows[first : first + 400]) for first in range(0, number, 400)}))

    assert growth(many, 3200) < LINEAR
