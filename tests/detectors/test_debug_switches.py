"""Variables that switch debugging on unless they are set are off in a source's own image, in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.detectors.debug_switches import off
from tests.detectors.reading import facts, values

EXPRESS = '{"main": "server.js", "dependencies": {"express": "5.0.0"}}'
SERVES = "require('express')().listen(3000)\n"
MOD = "module example.com/shop\n\ngo 1.24\n"


@pytest.mark.parametrize(
    ("name", "default", "expected"),
    [
        ("DEBUG", "true", "false"), ("SHOP_DEBUG", "True", "False"), ("FLASK_DEBUG", "1", "0"), ("DEBUG", "ON", "OFF"),
        ("DEBUG_MODE", "yes", "no"), ("debug", "Y", "N"), ("SHOP_RELOAD", "True", "False"), ("DEV_MODE", "on", "off"),
        ("DEBUG", "false", ""), ("DEBUG", "", ""), ("DEBUG", "app:*", ""), ("DEBUG_PORT", "1", ""), ("DISABLE_DEBUG", "true", ""),
        ("NO_RELOAD", "1", ""), ("DEBUG_TOKEN", "true", ""), ("PRELOAD", "true", ""), ("CACHE_ENABLED", "true", ""),
    ],
)  # fmt: skip
def test_a_switch_keeps_the_form_of_its_default(name: str, default: str, expected: str) -> None:
    assert off(name, default) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"requirements.txt": "flask\n", "app.py": 'import os\nfrom flask import Flask\napp = Flask(__name__)\nX = os.getenv("DEBUG", "1") == "1"\n'},
         {"DEBUG": "0"}),
        ({"requirements.txt": "fastapi\npydantic-settings\n", "app.py": 'from fastapi import FastAPI\nfrom pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    debug: bool = True\n    reload: bool = False\napp = FastAPI(debug=S().debug)\n'},
         {"DEBUG": "False"}),
        ({"package.json": EXPRESS, "server.js": SERVES + "const d = process.env.APP_DEBUG ?? 'true'\n"}, {"APP_DEBUG": "false"}),
        ({"go.mod": MOD, "main.go": 'package main\n\nimport (\n\t"net/http"\n\t"os"\n)\n\nfunc or(k, d string) string {\n\tif v := os.Getenv(k); v != "" {\n\t\treturn v\n\t}\n\treturn d\n}\n\nfunc main() {\n\tprintln(or("DEBUG", "true"))\n\thttp.ListenAndServe(":8080", nil)\n}\n'},
         {"DEBUG": "false"}),
        ({"package.json": EXPRESS, "server.js": SERVES + "const d = process.env.APP_DEBUG ?? 'true'\n", "Dockerfile": "FROM node:24\nCOPY . .\nCMD [\"node\", \"server.js\"]\n"}, {}),
    ],
    ids=["flask", "pydantic", "node", "go", "own Dockerfile"],
)  # fmt: skip
def test_the_image_of_every_language_has_it_off(
    tmp_path: Path, files: dict[str, str], expected: dict[str, str]
) -> None:
    found = values(facts(tmp_path, {**files}), "production")
    assert {one["name"]: one["value"] for one in found} == expected
