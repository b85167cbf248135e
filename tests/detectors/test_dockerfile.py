"""The user's own Dockerfile, read as BuildKit reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kforge.detectors.dockerfile_lines import instructions, words
from tests.detectors.reading import facts, hosts, places, ports, starts, values


def described(root: Path, text: str) -> Any:
    return facts(root, {"Dockerfile": text}).value("dockerfile")


def test_the_final_stage_counts_and_inherits_from_the_stage_it_names(tmp_path: Path) -> None:
    found = described(
        tmp_path,
        (
            'ARG VERSION=3.12\nFROM --platform=linux/amd64 python:${VERSION}-slim AS base\nENV A=1 B="two words"\nWORKDIR /app\nUSER 1000:1000\nEXPOSE 8000\n'
            'ENTRYPOINT ["tini", "--"]\nCMD ["old"]\nFROM node:20 AS assets\nEXPOSE 1\nFROM base\nENV PATH_=$A:${C:-c} OLD value\nENV LEGACY some  words here\n'
            'WORKDIR sub\nCOPY --from=assets /x /y\nCMD ["python", "main.py"]\nVOLUME ["/data"]\nVOLUME /logs /data\n'
        ),
    )
    assert found == {
        "path": "Dockerfile",
        "stages": [
            {"name": "base", "image": "python:3.12-slim"},
            {"name": "assets", "image": "node:20"},
            {"name": "", "image": "base"},
        ],
        "base": "python:3.12-slim",
        "user": "1000:1000",
        "expose": [{"port": 8000, "protocol": "tcp"}],
        "env": {"A": "1", "B": "two words", "PATH_": "1:c", "LEGACY": "some  words here"},
        "entrypoint": ["tini", "--"],
        "cmd": ["python", "main.py"],
        "shell": False,
        "workdir": "/app/sub",
        "healthcheck": None,
        "volumes": ["/data", "/logs"],
    }


@pytest.mark.parametrize(
    ("line", "cmd", "shell"),
    [
        ('CMD ["node", "server.js"]', ["node", "server.js"], False),
        ("CMD node server.js", ["/bin/sh", "-c", "node server.js"], True),
        ('cmd   [ "a" ,"b" ]', ["a", "b"], False),
        ("CMD ['a']", ["/bin/sh", "-c", "['a']"], True),
        ("CMD node \\\n  # a comment\n\n  --port 1 \\\n  x", ["/bin/sh", "-c", "node   --port 1   x"], True),
    ],
)
def test_exec_and_shell_form(tmp_path: Path, line: str, cmd: list[str], shell: bool) -> None:
    found = described(tmp_path, f"FROM a\n{line}\n")
    assert (found["cmd"], found["shell"]) == (cmd, shell)


def test_the_escape_directive_changes_continuations(tmp_path: Path) -> None:
    found = described(tmp_path, "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nENV A=c:\\x `\n  B=2\n")
    assert found["env"] == {"A": "c:\\x", "B": "2"}


def test_heredocs_are_no_instructions(tmp_path: Path) -> None:
    found = described(
        tmp_path,
        'FROM a\nRUN <<EOF\nUSER root\nEXPOSE 1\nEOF\nCOPY <<-"A" <<B /x/\n\tUSER x\n\tA\nEXPOSE 2\nB\nUSER app\n',
    )
    assert (found["user"], found["expose"]) == ("app", [])


def test_exposed_ports_have_protocols_and_ranges(tmp_path: Path) -> None:
    found = facts(
        tmp_path, {"Dockerfile": "FROM a\nARG PORT=9000\nEXPOSE $PORT 53/udp 8080-8082/tcp\nEXPOSE bad 99999\n"}
    )
    assert found.value("dockerfile")["expose"][:2] == [
        {"port": 9000, "protocol": "tcp"},
        {"port": 53, "protocol": "udp"},
    ]
    assert ports(found) == [(9000, "tcp", ""), (8080, "tcp", ""), (8081, "tcp", ""), (8082, "tcp", "")]
    assert places(found, "ports") == ["Dockerfile:2", *["Dockerfile:3"] * 3]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ARG P=900\nFROM a\nARG P\nEXPOSE ${P}0", [9000]),
        ("ARG P=900\nFROM a\nEXPOSE ${P}0", []),  # an argument of the images' names alone
        ("ARG P=80\nFROM a\nARG P=900\nEXPOSE ${P}0/tcp", [9000]),
        ("FROM a\nARG P\nEXPOSE ${P}0 9${P:-00}0", [9000]),
    ],
)
def test_a_variable_is_a_part_of_an_exposed_port(tmp_path: Path, text: str, found: list[int]) -> None:
    assert [port[0] for port in ports(facts(tmp_path, {"Dockerfile": f"{text}\n"}))] == found


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("EXPOSE 9000", 2),
        ("ARG PORT=9000\nUSER 1\nEXPOSE ${PORT}/tcp", 2),
        ("ENV PORT 9000\nUSER 1\nEXPOSE $PORT", 2),
        ("ARG PORT=8000\nENV PORT=9000\nEXPOSE $PORT", 3),
        ("ARG OTHER=9000\nUSER 1\nEXPOSE 9000", 4),
        ("ARG PORT\nUSER 1\nEXPOSE ${PORT:-9000}", 4),
    ],
)
def test_an_exposed_port_has_the_line_of_its_number(tmp_path: Path, text: str, line: int) -> None:
    found = facts(tmp_path, {"Dockerfile": f"FROM a\n{text}\n"})
    assert (ports(found)[0][0], places(found, "ports")[0]) == (9000, f"Dockerfile:{line}")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("EXPOSE ${APP_PORT}", ["APP_PORT"]),
        ("ARG APP_PORT\nEXPOSE $APP_PORT/tcp 9000", ["APP_PORT"]),
        ("ARG APP_PORT=8000\nEXPOSE $APP_PORT", []),
        ("ENV APP_PORT=8000\nEXPOSE $APP_PORT", []),
        ("EXPOSE ${APP_PORT:-8000} ${METRICS}0 53/udp", []),
        ("EXPOSE $A\nEXPOSE ${B}\nEXPOSE $A", ["A", "B"]),
    ],
)
def test_a_port_that_no_build_knows_is_known_by_its_variable(tmp_path: Path, text: str, names: list[str]) -> None:
    assert values(facts(tmp_path, {"Dockerfile": f"FROM a\n{text}\n"}), "exposed_by") == names


def test_a_stage_takes_over_the_unknown_ports_of_its_parent(tmp_path: Path) -> None:
    found = facts(tmp_path, {"Dockerfile": "FROM a AS base\nEXPOSE $APP_PORT\nFROM base\nUSER 1\n"})
    assert (values(found, "exposed_by"), places(found, "exposed_by")) == (["APP_PORT"], ["Dockerfile:2"])


def test_a_variable_that_holds_the_port_overrides_it(tmp_path: Path) -> None:
    assert ports(facts(tmp_path, {"Dockerfile": "FROM a\nENV PORT=8080\n"})) == [(8080, "tcp", "PORT")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("EXPOSE 8443\nHEALTHCHECK CMD curl -kf https://localhost:8443/ok || exit 1", [(8443, "https", "")]),
        ("EXPOSE 8443\nHEALTHCHECK CMD wget -q https://127.0.0.1/ok", [(8443, "https", "")]),
        (
            "EXPOSE 9000 8443\nHEALTHCHECK CMD curl -k https://localhost:8443/ok",
            [(9000, "tcp", ""), (8443, "https", "")],
        ),
        ("EXPOSE 443\nHEALTHCHECK CMD curl -k https://localhost/ok", [(443, "https", "")]),
    ],
)
def test_a_health_check_that_asks_by_tls_says_so_of_its_port(tmp_path: Path, text: str, found: Any) -> None:
    assert ports(facts(tmp_path, {"Dockerfile": f"FROM a\n{text}\n"})) == found


def test_a_health_check_shows_protocol_and_path(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "Dockerfile": "FROM a\nEXPOSE 8080\nHEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz || exit 1\n"
        },
    )
    assert (values(found, "health"), ports(found)) == (["/healthz"], [(8080, "http", "")])
    assert found.value("dockerfile")["healthcheck"] == [
        "/bin/sh",
        "-c",
        "curl -f http://localhost:8080/healthz || exit 1",
    ]


def test_none_removes_an_inherited_health_check(tmp_path: Path) -> None:
    assert described(tmp_path, "FROM a AS b\nHEALTHCHECK CMD x\nFROM b\nHEALTHCHECK NONE\n")["healthcheck"] is None


def test_variables_name_hosts_and_secrets_stay_hidden(tmp_path: Path) -> None:
    found = facts(tmp_path, {"Dockerfile": "FROM a\nENV DB_HOST=mysql CART_ENDPOINT=cart:8080 DB_PASSWORD=hunter2\n"})
    assert hosts(found) == ["cart:8080", "mysql:0"]
    assert found.value("dockerfile")["env"]["DB_PASSWORD"] == "(hidden)"


def test_what_kforge_wrote_is_no_fact(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "Dockerfile": "# syntax=docker/dockerfile:1\n# Generated by kforge from app.kforge.yaml: do not edit\nFROM a\nEXPOSE 1\n"
        },
    )
    assert (values(found, "dockerfile"), ports(found)) == (None, [])


def test_a_language_keeps_its_own_facts_and_takes_the_rest_from_the_dockerfile(tmp_path: Path) -> None:
    source = "from fastapi import FastAPI\napp = FastAPI()\n"
    found = facts(
        tmp_path,
        {"Dockerfile": "FROM python:3.12\nEXPOSE 5001\n", "requirements.txt": "fastapi\nuvicorn\n", "main.py": source},
    )
    assert (ports(found), places(found, "ports")) == ([(5001, "http", "")], ["Dockerfile:2"])
    assert starts(found) == ["uvicorn main:app --host 0.0.0.0 --port 5001"]


def test_ports_of_the_code_come_before_those_of_the_dockerfile(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "Dockerfile": "FROM node\nEXPOSE 80\n",
            "package.json": "{}",
            "server.js": "http.createServer(h).listen(3000)",
        },
    )
    assert ports(found) == [(3000, "http", "")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "RUN x\n",
        "FROM\n",
        "FROM a AS\nENTRYPOINT\nCMD\nUSER\nENV\nEXPOSE\nHEALTHCHECK\n",
        "FROM a\nRUN \\",
        "\0",
        "FROM ${X}\nENV $Y=1\n",
    ],
)
def test_broken_files_break_nothing(tmp_path: Path, text: str) -> None:
    facts(tmp_path, {"Dockerfile": text})


def test_lines_are_those_of_the_file() -> None:
    found, _ = instructions("# c\n\nFROM a\nRUN x \\\n  y\nUSER z\n")
    assert [(line.name, line.line) for line in found] == [("FROM", 3), ("RUN", 4), ("USER", 6)]


def test_words_keep_quotes_together() -> None:
    assert words('A="b c" \'d e\' f\\ g ""') == ["A=b c", "d e", "f g", ""]
