"""What several services have in common is one message with their names."""

from __future__ import annotations

from dataclasses import replace

from kforge.domain.finding import Finding
from kforge.output.findings import findings
from kforge.output.grouped_findings import grouped
from kforge.output.layout import plain


def lacks(service: str, variable: str = "KEY", level: str = "warning", environment: str = "", line: int = 3) -> Finding:
    return Finding(
        "unset-variable",
        level,  # type: ignore[arg-type]
        f"the source needs `{variable}` (app.py:{line}), and it is not set",
        f"deploy/{service}.yaml",
        hint=f"set it under `services.{service}.env`",
        object=f"Deployment/{service}",
        environment=environment,
    )


def other(service: str, said: str = "it") -> Finding:
    return replace(lacks(service), rule="guess", message=f"only a guess: {said}")


FOUR = [lacks(name, line=line) for line, name in enumerate(("web", "api", "beat", "worker"), 1)]


def test_one_variable_in_four_services_is_one_message_with_four_names() -> None:
    told = plain(findings(FOUR))
    assert told.count("warning[unset-variable]") == 1
    assert "in: `api`, `beat`, `web`, `worker` (`-v` shows each)" in told
    assert "help: set it under `services.NAME.env`" in told


def test_verbose_shows_each_with_its_own_line() -> None:
    told = plain(findings(FOUR, verbose=True))
    assert told.count("warning[unset-variable]") == 4
    assert "(app.py:4)" in told
    assert "services.worker.env" in told


def test_what_differs_by_more_than_the_service_stays_apart() -> None:
    apart = [lacks("web"), lacks("job", "OTHER"), lacks("api", environment="prod"), other("web"), other("job", "x")]
    assert [len(group) for group in grouped(apart)] == [1, 1, 1, 1, 1]


def test_variables_that_one_service_lacks_are_one_message_with_their_names() -> None:
    several = [lacks("web", name, line=line) for line, name in enumerate(("KEY", "URL", "MODE"), 1)]
    assert plain(findings(several)) == (
        "warning[unset-variable]: the source needs `KEY` (app.py:1), `URL`, `MODE`, and they are not set\n"
        "  --> deploy/web.yaml\n"
        "  help: set them under `services.web.env`"
    )
    assert plain(findings(several, verbose=True)).count("warning[unset-variable]") == 3


def test_services_that_lack_the_same_variables_share_the_message() -> None:
    both = [lacks(name, each) for name in ("web", "api") for each in ("KEY", "URL")]
    told = plain(findings([*both, lacks("job", "KEY")]))
    assert told.count("warning[unset-variable]") == 2
    assert "in: `api`, `web` (`-v` shows each)" in told
    assert "set them under `services.NAME.env`" in told


def test_variables_of_an_environment_are_told_apart_from_those_of_the_base() -> None:
    apart = [lacks("web", "KEY"), lacks("web", "URL", environment="prod")]
    assert [len(group) for group in grouped(apart)] == [1, 1]


def test_a_name_that_another_begins_with_is_not_taken_for_it() -> None:
    pair = [lacks("web"), lacks("web-2")]
    assert [len(group) for group in grouped(pair)] == [2]
    assert "`web`, `web-2`" in plain(findings(pair))


def test_errors_are_told_one_by_one() -> None:
    assert [len(group) for group in grouped([lacks("web", level="error"), lacks("api", level="error")])] == [1, 1]


def test_a_long_list_of_services_is_counted() -> None:
    told = plain(findings([lacks(f"s{number:02}") for number in range(11)]))
    assert "`s07` and 3 more (`-v` shows each)" in told


def test_a_job_goes_by_its_service_s_name_though_its_own_ends_in_a_digest() -> None:
    job = replace(lacks("migrate"), object="Job/migrate-54da58cf2e", service="migrate")
    told = plain(findings([lacks("web"), job]))
    assert told.count("warning[unset-variable]") == 1
    assert "in: `migrate`, `web` (`-v` shows each)" in told
