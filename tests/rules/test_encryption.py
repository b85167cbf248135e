"""TLS inside of a cluster: certificates that are there."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Dockerfile, Document, Documents, Instruction, Stage
from tests.rules.families import family
from tests.rules.test_wiring import workload
from tests.worlds import facts

(CERTIFICATE,) = family("encryption")
COMMAND = ["uvicorn", "main:app", "--ssl-certfile", "/tls/tls.crt", "--ssl-keyfile=/tls/tls.key"]


def lacks(*, built: bool = False, known: dict[str, Any] | None = None, **container: Any) -> list[str]:
    items = [workload("web", **container)]
    if built:
        items.append(Document(path="web/Dockerfile", artifact="dockerfile", service="web", dockerfile=Dockerfile(())))
    held = {"web": facts(**(known or {}))}
    return [hit.message for hit in CERTIFICATE.check(Documents(items=tuple(items), facts=held))]


def test_files_of_tls_that_nothing_brings_are_named_with_the_way_to_mount_them() -> None:
    (hit,) = CERTIFICATE.check(Documents(items=(workload("web", command=COMMAND),)))
    assert (
        hit.message
        == "`web` serves TLS with `/tls/tls.crt` and `/tls/tls.key`, found neither in its source nor in a mount"
    )
    assert "services.web.kubernetes: {Pod: {volumes: [{name: tls, secret: {secretName: web-tls}}]" in hit.hint
    assert "mountPath: /tls, readOnly: true" in hit.hint


def test_a_mount_brings_them() -> None:
    assert lacks(command=COMMAND, volumeMounts=[{"name": "tls", "mountPath": "/tls", "readOnly": True}]) == []


@pytest.mark.parametrize(
    "command",
    [
        ["uvicorn", "main:app"],
        ["flask", "run", "--cert", "adhoc"],
        ["gunicorn", "--certfile", "certs/site.crt", "a:b"],
        ["sh", "-c", "exec uvicorn a:b --ssl-keyfile $KEY"],
    ],
)
def test_no_file_is_missed_that_may_be_there_or_that_nothing_names(command: list[str]) -> None:
    assert lacks(built=True, command=command) == []


def test_a_key_beside_the_source_is_in_no_image_that_is_built_here() -> None:
    command = ["gunicorn", "--keyfile", "certs/site.key", "a:b"]
    assert lacks(built=True, command=command) == [
        "`web` serves TLS with `/app/certs/site.key`, found neither in its source nor in a mount"
    ]
    assert lacks(command=command) == []


def test_the_command_of_an_image_that_is_built_here_names_its_files() -> None:
    stage = Stage("runtime", "python:3.13", (Instruction("CMD", ("uvicorn", "main:app", "--ssl-keyfile", "k.pem")),))
    image = Document(path="web/Dockerfile", artifact="dockerfile", service="web", dockerfile=Dockerfile((stage,)))
    (hit,) = CERTIFICATE.check(Documents(items=(workload("web"), image)))
    assert hit.message == "`web` serves TLS with `/app/k.pem`, found neither in its source nor in a mount"


def test_what_the_code_opens_is_named_with_its_line_unless_a_variable_moves_it() -> None:
    known = {"certificates": [{"path": "/etc/web/tls.key", "env": "TLS_KEY"}]}
    assert lacks(known=known) == [
        "`web` serves TLS with `/etc/web/tls.key` (main.py:12), found neither in its source nor in a mount"
    ]
    assert lacks(known=known, env=("TLS_KEY",)) == []
