"""What code imports or loads and the source does not have is told, with the line that needs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.detectors.reading import facts

GRPC = json.dumps({"dependencies": {"@grpc/grpc-js": "1", "@grpc/proto-loader": "0.7"}})


def told(tmp_path: Path, files: dict[str, str | bytes]) -> list[tuple[str, str]]:
    found = facts(tmp_path, {"requirements.txt": "", **files} if "package.json" not in files else files)
    return [
        (str(doubt.evidence[0]), str(doubt.value["said"]))
        for doubt in found.doubts
        if "source does not have" in doubt.value["said"]
    ]


@pytest.mark.parametrize(
    ("files", "place", "named"),
    [
        ({"main.py": "import os\n\nfrom lib import tools  # by hand\n", "lib/__init__.py": "# empty\n"}, "main.py:3", "lib/tools.py"),
        ({"main.py": "from lib import (\n    a,\n    gone,  # b\n)\n", "lib/__init__.py": "", "lib/a.py": ""}, "main.py:1", "lib/gone.py"),
        ({"main.py": "import app.views\n", "app/__init__.py": "", "app/views.py": "from .models import User\n"}, "app/views.py:1", "app/models.py"),
        ({"main.py": "from app.api import orders_pb2 as pb\n", "src/app/api/__init__.py": ""}, "main.py:1", "src/app/api/orders_pb2.py"),
        ({"app/__init__.py": "", "app/main.py": "from . import jobs\n"}, "app/main.py:1", "app/jobs.py"),
        ({"run.py": "from src.agents.agents import Agent\n", "src/agents/agents.py": "import os\nfrom src.agents.tools import (\n    buy,\n)\n"}, "src/agents/agents.py:2", "src/agents/tools.py"),
        ({"src/run.py": "from agents.a import A\nfrom agents.tools.b import B\nfrom agents.tools import c\n", "src/agents/__init__.py": "x = 1\n", "src/agents/a.py": ""}, "src/run.py:3", "src/agents/tools.py"),
    ],
)  # fmt: skip
def test_a_module_that_is_not_there_is_told_with_its_line(
    tmp_path: Path, files: dict[str, str | bytes], place: str, named: str
) -> None:
    [(at, said)] = told(tmp_path, files)
    assert (at, f"imports `{named}`" in said) == (place, True)


@pytest.mark.parametrize(
    "files",
    [
        {"main.py": "from lib import tools\n", "lib/__init__.py": "", "lib/tools.py": ""},
        {"main.py": "from lib import tools\n", "lib/__init__.py": "", "lib/tools/__init__.py": ""},
        {"main.py": "from lib import fast\n", "lib/__init__.py": "", "lib/fast.cpython-313-x86_64-linux-gnu.so": b"\x7fELF"},
        {"main.py": "from lib import tools\n", "lib/__init__.py": "from x import tools\n"},
        {"main.py": "from lib import tools\n", "lib/a.py": ""},  # a namespace, which other folders may add to
        {"main.py": "try:\n    from lib import tools\nexcept ImportError:\n    tools = None\n", "lib/__init__.py": ""},
        {"main.py": "from flask import Flask\nfrom os import path\n"},
        {"main.py": "from lib import _version\n", "lib/__init__.py": ""},
        {"main.py": "from ..shared import tools\n"},
        {"main.py": "from google.cloud.a import a\nfrom google.cloud.b import b\n"},
        {"main.py": "from redis.a import a\nfrom redis.asyncio import b\n", "redis/a.py": "", "requirements.txt": "redis\n"},
        {"main.py": "from docker.errors import NotFound\n", "docker/entry.py": ""},
        {"main.py": "from app.a import a\nfrom app.vendor import b\n", "app/a.py": "", "app/vendor/b.py": ""},
        {"main.py": "from app.a import a\nfrom app.id_maker import b\n", "app/a.py": "", "app/id_maker.py": ""},
        {"app/main.py": "from core.a import a\nfrom core.b import b\n", "app/core/a.py": "", "core/b.py": ""},
        {"main.py": '"""\nfrom nothing import here\n"""\n'},
    ],
)  # fmt: skip
def test_what_may_be_there_is_not_told(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert told(tmp_path, files) == []


@pytest.mark.parametrize(
    "loaded", ['"pay.proto"', '"../../pb/pay.proto"', 'path.join(__dirname, "..", "pb", "pay.proto")']
)
def test_a_protocol_that_is_not_in_the_source_is_told(tmp_path: Path, loaded: str) -> None:
    code = f"const loader = require('@grpc/proto-loader');\nloader.loadSync({loaded});\n"
    [(at, said)] = told(tmp_path, {"package.json": GRPC, "index.js": code})
    assert (at, "`pay.proto`" in said) == ("index.js:2", True)


@pytest.mark.parametrize("path", ["pay.proto", "pb/pay.proto"])
def test_a_protocol_that_is_somewhere_in_the_source_is_not_told(tmp_path: Path, path: str) -> None:
    code = "require('@grpc/proto-loader').loadSync('pay.proto');\n"
    assert told(tmp_path, {"package.json": GRPC, "index.js": code, path: 'syntax = "proto3";\n'}) == []
