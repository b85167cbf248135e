"""Which detector's facts count, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable

from kforge.domain.artifact import Detector, Tree
from kforge.domain.facts import Evidence, Fact, Facts
from kforge.stages.detect import as_json, detect


class Files:
    notes = (Fact("left out", (Evidence("big"),)),)

    def __init__(self, *files: str) -> None:
        self.files = files

    def text(self, path: str) -> str:
        return ""


def giving(facts: Facts | None) -> Detector:
    detector: Callable[[Tree], Facts | None] = lambda tree: facts  # noqa: E731  # shorter than a function
    return Detector("any", 1, detector)


def language(name: str, **held: object) -> Facts:
    return Facts(detector=name, revision=3, language=Fact(name, (Evidence(f"{name}.txt", 1),)), **held)  # type: ignore[arg-type]


PORT = Fact({"port": 80, "protocol": "tcp", "env": ""}, (Evidence("Dockerfile", 2),))


def test_the_first_language_that_claims_wins_and_the_next_is_a_note() -> None:
    found = detect(Files("a"), [giving(None), giving(language("python")), giving(language("node"))])
    assert (found.detector, found.revision, found.value("language")) == ("python", 3, "python")
    assert found.notes[0] == Fact("also looks like node", (Evidence("node.txt", 1),))


def test_a_language_in_which_nothing_starts_or_is_served_gives_way_to_one_in_which_something_does() -> None:
    tools, program = language("node"), language("go", start=(Fact(["/app/api"]),))
    found = detect(Files("a"), [giving(tools), giving(program)])
    assert (found.detector, found.notes[0].value) == ("go", "also looks like node")
    site = language("node", output=Fact("dist"))
    assert detect(Files("a"), [giving(site), giving(program)]).detector == "node"
    assert detect(Files("a"), [giving(tools), giving(language("python"))]).detector == "node"


def test_facts_without_a_language_fill_gaps_only() -> None:
    extra = Facts(detector="dockerfile", ports=(PORT,), health=(Fact("/x"),), dockerfile=Fact({}))
    found = detect(Files("a"), [giving(language("go", health=(Fact("/own"),))), giving(extra)])
    assert (found.value("health"), found.value("ports"), found.value("dockerfile")) == (["/own"], [PORT.value], {})


def test_an_exposed_port_speaks_what_the_framework_speaks() -> None:
    found = detect(Files("a"), [giving(language("go", framework=Fact("gin"))), giving(Facts(ports=(PORT,)))])
    assert found.value("ports") == [{"port": 80, "protocol": "http", "env": ""}]


def test_hosts_of_both_add_up() -> None:
    one, two = (Fact({"host": name, "port": 1}) for name in ("b", "a"))
    found = detect(Files("a"), [giving(language("go", hosts=(one,))), giving(Facts(hosts=(two, one)))])
    assert found.value("hosts") == [two.value, one.value]


def test_a_dockerfile_alone_is_a_source_without_a_language() -> None:
    found = detect(Files("Dockerfile"), [giving(Facts(detector="dockerfile", revision=1, dockerfile=Fact({})))])
    assert (found.detector, found.revision) == ("dockerfile", 1)


def test_an_unknown_source_and_an_empty_one_say_so() -> None:
    assert "no language" in detect(Files("a"), []).value("notes")[0]
    assert "no files" in detect(Files(), []).value("notes")[0]


def test_what_the_tree_left_out_is_among_the_notes() -> None:
    assert detect(Files("a"), []).notes[-1] == Files.notes[0]


def test_json_has_every_value_with_its_evidence() -> None:
    shown = as_json(language("go", ports=(PORT,)))
    assert shown["language"] == {"value": "go", "evidence": ["go.txt:1"]}
    assert shown["ports"] == [{"value": PORT.value, "evidence": ["Dockerfile:2"]}]
    assert {
        "version",
        "package_manager",
        "framework",
        "start",
        "health",
        "env",
        "hosts",
        "writable",
        "dockerfile",
    } <= shown.keys()
