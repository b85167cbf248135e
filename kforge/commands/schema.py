"""Print the JSON Schema of the spec (draft-07), so that an editor completes and
explains it.

examples:
  kforge schema > app.schema.json
  # then, as the first line of app.kforge.yaml:
  # yaml-language-server: $schema=./app.schema.json
"""

from __future__ import annotations

import argparse

from kforge.output.text import emit


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lock", action="store_true", help="print the schema of kforge.lock instead")


def run(options: argparse.Namespace) -> int:
    if options.lock:
        from kforge.system import lockschema

        emit(lockschema.schema_text())
    else:
        from kforge import catalog
        from kforge.spec import json_schema

        emit(json_schema.text(catalog.LANGUAGES, catalog.TARGETS))
    return 0
