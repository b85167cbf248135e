"""Files that code needs at a place of its source where there is none, and that lie once in a folder that programs share."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge import catalog
from kforge.domain.facts import Facts
from kforge.domain.source.build_context import ContextPins
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.detectors.reading import lay

Files = dict[str, str]
PROTO = 'syntax = "proto3";\n'
NODE = {"src/pay/package.json": '{"name": "pay", "main": "index.js", "dependencies": {"@grpc/proto-loader": "0.7.0"}}'}
PYTHON = {"src/pay/requirements.txt": "grpcio\n", "src/pay/shop/llm.py": "llm = 1\n"}
GO = {"src/pay/go.mod": "module example.com/pay\n\ngo 1.24\n"}
IMPORTS = "from shop.llm import llm\nfrom shop.tools import one, two as second\n"
TOOLS = "import os\nAT = os.environ['SHOP_ENDPOINT']\nasync def one(): ...\ntwo: int = 2\n"


def node(code: str) -> Files:
    return {**NODE, "src/pay/index.js": code}


def python(code: str) -> Files:
    return {**PYTHON, "src/pay/main.py": code}


def go(code: str) -> Files:
    return {**GO, "src/pay/main.go": f"package main\n\nfunc main() {{\n\t{code}\n}}\n"}


def read(root: Path, files: Files, pins: ContextPins | None = None) -> Facts:
    (root / ".git").mkdir()
    lay(root, dict(files))
    tree = SourceTree(root / "src/pay", root, pins=pins) if pins else SourceTree(root / "src/pay", root)
    return detect(tree, catalog.detectors())


def brought(found: Facts) -> list[tuple[str, str]]:
    return [(one.value["from"], one.value["to"]) for one in found.brought]


LOADS = node("require('@grpc/proto-loader').loadSync('demo.proto')\n")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (LOADS | {"pb/demo.proto": PROTO}, [("../../pb/demo.proto", "demo.proto")]),
        (LOADS | {"src/protos/demo.proto": PROTO}, [("../protos/demo.proto", "demo.proto")]),
        (LOADS | {"demo.proto": PROTO}, [("../../demo.proto", "demo.proto")]),
        (node("const at = __dirname + '/proto/demo.proto'\nrequire('@grpc/proto-loader').loadSync('proto/demo.proto')\n") | {"pb/demo.proto": PROTO}, [("../../pb/demo.proto", "proto/demo.proto")]),
        (node("require('fs').readFileSync('schema.graphql')\n") | {"src/shared/schema.graphql": "type Q {a: Int}\n"}, [("../shared/schema.graphql", "schema.graphql")]),
        (python("open('prompts.yaml').read()\n") | {"shared/prompts.yaml": "a: 1\n"}, [("../../shared/prompts.yaml", "prompts.yaml")]),
        (go('data, err := os.ReadFile("data/products.json")') | {"data/products.json": "[]\n"}, [("../../data/products.json", "data/products.json")]),
        (python(IMPORTS) | {"src/shared/tools.py": TOOLS}, [("../shared/tools.py", "shop/tools.py")]),
    ],
)  # fmt: skip
def test_the_only_one_in_a_shared_folder_belongs_to_the_place_where_it_is_needed(
    tmp_path: Path, files: Files, expected: list[tuple[str, str]]
) -> None:
    found = read(tmp_path, files)
    assert brought(found) == expected
    assert not [fact for fact in found.doubts if "does not have" in fact.value["said"]]


@pytest.mark.parametrize(
    "files",
    [
        LOADS | {"pb/demo.proto": PROTO, "shared/demo.proto": PROTO},  # which of them?
        LOADS | {"pb/demo.proto": PROTO, "src/pay/pb/demo.proto": PROTO},  # the source has one
        LOADS | {"src/cart/demo.proto": PROTO},  # of another program
        LOADS | {"pb/demo.proto": PROTO, ".gitignore": "pb/\n"},  # made, and nobody has it
        LOADS | {"pb/demo.proto": ""},
        python(IMPORTS) | {"src/shared/tools.py": "def one(): ...\n"},  # another module of that name
        python("from shop.llm import llm\nfrom shop import tools\n") | {"src/shared/tools.py": TOOLS, "src/pay/shop/__init__.py": ""},
        python("open('report.csv', 'w')\n") | {"data/report.csv": "a\n"},
        python("open('key.pem').read()\n") | {"shared/key.pem": "a\n"},
        python("open('prompts.yaml').read()\n") | {"shared/prompts.yaml": "a: 1\n", "src/pay/prompts.yaml": "a: 2\n"},
    ],
)  # fmt: skip
def test_what_is_there_twice_or_is_of_others_or_may_be_missing_is_not_brought(tmp_path: Path, files: Files) -> None:
    assert brought(read(tmp_path, files)) == []


def test_a_source_is_built_from_the_folder_that_holds_both(tmp_path: Path) -> None:
    found = read(tmp_path, python(IMPORTS) | {"src/shared/tools.py": TOOLS})
    assert found.value("context") == {"folder": "..", "source": "pay", "dockerfile": "pay/Dockerfile"}


def test_what_is_brought_is_read_as_the_source_s_own_and_shown_where_it_lies(tmp_path: Path) -> None:
    found = read(tmp_path, python(IMPORTS) | {"src/shared/tools.py": TOOLS})
    shown = {fact.value["name"]: str(fact.evidence[0]) for fact in found.env}
    assert shown == {"SHOP_ENDPOINT": "../shared/tools.py:2"}


def test_a_pinned_context_that_does_not_hold_it_leaves_it_told(tmp_path: Path) -> None:
    found = read(tmp_path, LOADS | {"pb/demo.proto": PROTO}, ContextPins("src"))
    assert brought(found) == []
    assert ["demo.proto" in fact.value["said"] for fact in found.doubts] == [True]


def test_an_own_dockerfile_says_itself_what_it_copies(tmp_path: Path) -> None:
    own = {
        "src/pay/Dockerfile": 'FROM node:24\nWORKDIR /app\nCOPY src/pay pb/demo.proto ./\nCMD ["node", "index.js"]\n'
    }
    found = read(tmp_path, LOADS | own | {"pb/demo.proto": PROTO})
    assert brought(found) == []
    assert found.value("context")["folder"] == "../.."
