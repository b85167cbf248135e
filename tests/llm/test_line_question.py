"""Lines that may tell something: which are found, what is asked of them, and what code makes of the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.decision import Answer
from kforge.domain.model.question import Question, Rejected
from kforge.domain.topic_names import TOPIC_NAMES
from kforge.llm import tokens
from kforge.llm.answer import read_answer
from kforge.llm.line_candidates import lines
from kforge.llm.line_clues import clues
from kforge.llm.line_effects import EFFECTS
from kforge.llm.line_question import MOST, line_form, unsaid
from kforge.llm.prompt import prompt
from tests.questions import WEB, question
from tests.worlds import GO
from tests.worlds import facts as made_facts

JOB = {"schedule": "0 3 * * *"}


def shown(topic: str, files: Mapping[str, str], service: Mapping[str, Any] | None = None, facts: Any = WEB) -> Question:
    """The question of a source with these files."""
    return replace(question(topic, facts, service, files), readable=tuple(files))


def found(topic: str, files: Mapping[str, str], service: Mapping[str, Any] | None = None) -> list[tuple[str, int, str]]:
    return [(one.file, one.number, one.words) for one in lines(shown(topic, files, service))]


def answer(asked: Question, phrase: str) -> Answer:
    """What becomes of an answer that chooses a phrase where it stands, and nothing else otherwise."""
    form = line_form(asked)
    assert any(phrase in one.choices for one in form.lines.values())
    chosen = {key: phrase if phrase in one.choices else unsaid(one) for key, one in form.lines.items()}
    return read_answer(json.dumps(chosen), asked)


def moved(asked: Question, phrase: str) -> dict[str, Any]:
    value = answer(asked, phrase).value
    return {name: value[name] for name in value if value[name] != asked.baseline.value.get(name)}


# ---- the table ------------------------------------------------------------------------------------------------
def test_every_phrase_has_an_effect_that_is_there_or_none() -> None:
    named = {name for topic in TOPIC_NAMES for clue in clues(topic) for name in clue.choices.values() if name}
    assert named == set(EFFECTS)


@pytest.mark.parametrize("topic", TOPIC_NAMES)
def test_a_clue_is_found_by_words_by_a_route_or_by_a_start(topic: str) -> None:
    for clue in clues(topic):
        assert (clue.words or clue.key) is not None or clue.handler or clue.value == "start", clue.name
        assert clue.only in ("", "job", "service")
        assert clue.place in ("", "text", "settings", "code")
        assert clue.value in ("", "size", "time", "count", "start", "folder", "package")


# ---- lines ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("topic", "files", "expected"),
    [
        ("resources", {"README.md": "All words are held in memory, about 900 MB.\n"}, [("README.md", 1, "900 MB")]),
        ("resources", {"app.py": "x = 1\n# 2 GB resident\nM = load()\n"}, [("app.py", 2, "2 GB")]),
        ("resources", {"app.py": "MAX_UPLOAD = '2 GB'\n"}, []),  # nothing speaks of memory or disk
        ("rollout", {"app.py": "signal(SIGTERM, stop)\n\ndef stop():\n    wait(timeout=90)\n"}, [("app.py", 4, "90")]),
        ("rollout", {"app.py": "requests.get(url, timeout=90)\n"}, []),
        ("rollout", {"README.md": "Run exactly one instance.\n"}, [("README.md", 1, "")]),
        ("rollout", {"app.py": "only_one = take(1)\n"}, []),  # no text for people
        ("probes", {"Dockerfile": "# the start takes 6 minutes\nCMD x\n"}, [("Dockerfile", 1, "6 minutes")]),
        ("process", {"conf.yaml": "cache:\n  folder: /var/cache/x\n"}, [("conf.yaml", 2, "")]),
        ("process", {"main.go": 'http.HandleFunc("/index", index)\n'}, []),  # a route
        ("build", {"README.md": "Needs `apt install ffmpeg`.\n"}, [("README.md", 1, "ffmpeg")]),
        ("build", {"app.py": 'subprocess.run(["curl-of-mine"])\n'}, []),
        ("build", {"app.py": "# what it needs is a JSON file\n"}, []),
        ("build", {"app.py": 'subprocess.run(["file", path])\n'}, [("app.py", 1, "file")]),
        ("process", {"app.py": 'if self.path == "/index":\n'}, []),
        ("process", {"README.md": "Edit the template in the folder /kinds.\n"}, []),
        ("process", {"conf.yaml": "path: /srv/index.html\n"}, []),  # a file
        ("process", {"main.go": "// consumes: [application/json]\n"}, []),
        ("rollout", {"app.py": "# at least one of them should exist\n"}, []),
        ("probes", {"main.go": "if took := start; took > time.Minute {\n"}, []),
        ("probes", {"main.py": "time.sleep(90)  # warms up: 90 seconds\n"}, [("main.py", 1, "90 seconds")]),
        ("resources", {"app.py": "pool = ThreadPoolExecutor(max_workers=10)\n"}, []),
    ],
)  # fmt: skip
def test_a_telling_line_is_found(topic: str, files: dict[str, str], expected: list[tuple[str, int, str]]) -> None:
    assert found(topic, files) == expected


@pytest.mark.parametrize(
    "file",
    ["tests/test_app.py", "docs/notes.md", "package-lock.json", "uv.lock", "CHANGELOG.md", "picture.svg", "app.min.js"],
)
def test_what_tells_nothing_of_how_a_program_runs_is_not_read(file: str) -> None:
    assert found("resources", {file: "# 2 GB of memory\n"}) == []


def test_a_job_and_a_service_have_clues_of_their_own() -> None:
    files = {"README.md": "Run one instance, or mails are sent twice. A run takes two hours.\n"}
    assert {one[2] for one in found("rollout", files, JOB)} == {"two hours", ""}
    assert {one[2] for one in found("rollout", files)} == {""}


def test_comments_go_before_code_and_the_number_is_bounded() -> None:
    code = "".join(f'memory = "{number} GB"\n' for number in range(1, 20))
    listed = found("resources", {"a.py": code, "b.py": "# 64 GB of memory\n"})
    assert listed[0] == ("b.py", 1, "64 GB")
    assert len(line_form(shown("resources", {"a.py": code})).lines) == MOST


def test_nothing_is_asked_where_no_line_tells_anything() -> None:
    assert not line_form(shown("resources", {"app.py": "from flask import Flask\n"}))


@pytest.mark.parametrize(
    ("topic", "files", "service"),
    [
        ("resources", {"README.md": "2 GB of memory\n"}, {"resources": {"memory": "1Gi"}}),  # pinned
        ("resources", {"README.md": "40 MB of memory\n"}, {}),  # a fact takes nothing away
        ("rollout", {"a.py": "# SIGTERM: 9 seconds\n"}, {}),
        ("process", {"c.yaml": "cache: /tmp\n"}, {}),  # it may be written to already
        ("process", {"c.yaml": "cache: /usr/lib/x\n"}, {}),  # a limit forbids it
    ],
)
def test_a_line_that_can_change_nothing_is_not_asked_about(
    topic: str, files: dict[str, str], service: dict[str, Any]
) -> None:
    asked = shown(topic, files, service)
    assert lines(asked)
    assert not line_form(asked)


def test_what_kforge_wrote_tells_nothing() -> None:
    mark = "# Generated by kforge from app.kforge.yaml; change the spec, not this file.\n"
    assert found("probes", {"Dockerfile": "# the start takes 6 minutes\n"})
    assert found("probes", {"Dockerfile": f"{mark}# the start takes 6 minutes\n"}) == []


# ---- what is asked --------------------------------------------------------------------------------------------
def test_it_shows_the_lines_as_data_and_not_the_usual_answer() -> None:
    asked = shown("resources", {"app.py": "import x\n# 2.1 GB resident, measured\nM = x.load()\n"})
    text = prompt(asked).messages[1].content
    mark = text.split("<<<")[1].split("\n")[0]
    inside = text.split(f"<<<{mark}")[1].split(f"{mark}>>>")[0]
    assert "# 2.1 GB resident, measured" in inside
    assert "2.1_GB: what is 2.1 GB?" in text
    assert "192Mi" not in text
    assert "gunicorn" not in text


def test_what_an_author_names_freely_stands_between_the_marks_alone() -> None:
    files = {
        "a.yaml": "cache: /obey-me/folder\n",
        "README.md": "Start it by obey_me.py.\n",
        "b.py": "signal(SIGTERM, f)\nobey_me_timeout = 90\n",
    }
    start = made_facts(language="python", start=[["python", "main.py"], ["python", "obey_me.py"]])
    for topic in ("process", "rollout"):
        request = prompt(shown(topic, files, facts=start))
        text = request.messages[1].content
        mark = text.split("<<<")[1].split("\n")[0]
        outside = text.split(f"<<<{mark}")[0] + text.split(f"{mark}>>>")[1] + json.dumps(request.schema)
        assert "obey" in text
        assert "obey" not in outside


def test_it_is_small() -> None:
    request = prompt(
        shown("resources", {"app.py": "# 2.1 GB resident, measured after the first thousand requests\nM = x()\n"})
    )
    assert tokens.of_request(request) <= 200
    assert request.max_tokens == 200


def test_a_credential_beside_a_line_does_not_leave() -> None:
    key = "ghp_" + "x7Kq" * 9
    text = prompt(shown("resources", {"app.py": f"TOKEN = '{key}'\n# 2 GB of memory\n"})).messages[1].content
    assert key not in text
    assert "2 GB of memory" in text


def test_a_line_is_no_input() -> None:
    asked = shown("resources", {"README.md": "900 MB of memory\n"})
    before = set(asked.view.reads)
    line_form(asked)
    assert set(asked.view.reads) == before


# ---- what becomes of it ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("topic", "files", "service", "phrase", "fields"),
    [
        ("resources", {"README.md": "800 MB of memory\n"}, {}, "memory that the program takes", {"memory": "1000Mi"}),
        ("resources", {"c.yaml": "mem_limit: 1500m\n"}, {}, "memory that its container is given", {"memory": "1500Mi"}),
        ("resources", {"a.py": "# 8 GB in /tmp\n"}, {}, "temporary files that it writes to disk", {"storage": "10Gi"}),
        ("resources", {"a.py": "pool = Pool(4)\n"}, {}, "processes or threads that compute at the same time", {"cpu": "4"}),
        ("resources", {"README.md": "64 GB of memory\n"}, {}, "memory of another program or machine", {}),
        ("rollout", {"a.py": "# SIGTERM: 90 seconds\n"}, {}, "time that the program takes to stop", {"gracePeriod": 104}),
        ("rollout", {"README.md": "only one instance\n"}, {}, "only one", {"strategy": "recreate"}),
        ("rollout", {"README.md": "A run takes nine hours.\n"}, JOB, "how long one run takes", {"deadline": 48600}),
        ("rollout", {"README.md": "It is not idempotent.\n"}, JOB, "no, a second run does harm", {"retries": 0}),
        ("process", {"c.toml": 'index_dir = "/index"\n'}, {}, "a folder that the program writes to", {"writable": ["/app/uploads", "/index", "/tmp"]}),
        ("process", {"README.md": "It has no web interface.\n"}, {}, "no, it serves nothing", {"ports": [], "command": ["python", "main.py"]}),
        ("build", {"README.md": "apt install ffmpeg\n"}, {}, "needed when the program runs", {"packages": ["ffmpeg", "libpq5"]}),
        ("build", {"README.md": "apt install ffmpeg\n"}, {}, "for tests or developers only", {}),
    ],
)  # fmt: skip
def test_what_a_line_means_is_in_the_decision_and_nothing_else_moves(
    topic: str, files: dict[str, str], service: dict[str, Any], phrase: str, fields: dict[str, Any]
) -> None:
    assert moved(shown(topic, files, service), phrase) == fields


def test_a_slow_start_is_waited_for_half_as_long_again() -> None:
    startup = moved(
        shown("probes", {"a.py": "# loads for 2 minutes\n"}), "time until the program can answer after its start"
    )
    probe = startup["startup"]
    assert probe["period"] * probe["failures"] == 180


def test_a_liveness_that_asks_a_store_becomes_an_open_port() -> None:
    files = {"app.py": '@app.get("/healthz")\ndef healthz():\n    db.execute("SELECT 1")\n'}
    asked = shown("probes", files)
    assert asked.baseline.value["liveness"]["path"] == "/healthz"
    made = moved(asked, "yes")
    assert made["liveness"]["type"] == "tcp"
    assert "readiness" not in made


def test_a_package_gives_a_go_program_an_image_that_can_have_one() -> None:
    made = moved(
        shown("build", {"main.go": "// pandoc must be on the PATH\n"}, facts=GO), "needed when the program runs"
    )
    assert made["packages"] == ["pandoc"]
    assert made["runtime"].startswith("docker.io/library/debian:")


def test_the_line_is_the_reason() -> None:
    made = answer(shown("resources", {"README.md": "800 MB of memory\n"}), "memory that the program takes")
    assert made.reasons["memory"] == "README.md:1 says: 800 MB of memory"
    assert "README" not in made.reasons["cpu"]


@pytest.mark.parametrize("text", ["", "{}", '{"2_GB": "all of it"}', '{"2_GB": "something else", "x": 1}', "[]"])
def test_what_is_not_the_form_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        read_answer(text, shown("resources", {"README.md": "2 GB of memory\n"}))


def test_of_several_lines_the_one_that_counts_is_the_reason() -> None:
    asked = shown("resources", {"README.md": "It holds 600 MB in memory.\n\n\n\nOf memory it then takes 3 GB.\n"})
    form = line_form(asked)
    said = {key: next(iter(one.choices)) for key, one in form.lines.items()}
    assert len(said) == 2
    made = read_answer(json.dumps(said), asked)
    assert (made.value["memory"], made.reasons["memory"][:12]) == ("3840Mi", "README.md:5 ")
