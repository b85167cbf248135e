"""Print the JSON Schema of the spec (draft-07), so that an editor completes and
explains it.

examples:
  kforge schema > app.schema.json
  # then, as the first line of app.kforge.yaml:
  # yaml-language-server: $schema=./app.schema.json
  kforge schema --fragments         with the fields of Kubernetes' own kinds
"""

from __future__ import annotations

import argparse

from kforge.errors import InputError
from kforge.output.text import emit


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lock", action="store_true", help="print the schema of kforge.lock instead")
    parser.add_argument(
        "--fragments",
        action="store_true",
        help="complete what stands under `kubernetes:` of a service, too: a file for one machine, not to be committed",
    )
    parser.add_argument(
        "--kubernetes", metavar="VERSION", default="", help="of this Kubernetes version, such as 1.36; with --fragments"
    )


def run(options: argparse.Namespace) -> int:
    if options.lock:
        from kforge.system import lockschema

        emit(lockschema.schema_text())
        return 0
    if options.kubernetes and not options.fragments:
        raise InputError("`--kubernetes` says whose fields fragments have", hint="add `--fragments`")
    from kforge import catalog
    from kforge.spec import json_schema

    emit(json_schema.text(catalog.LANGUAGES, catalog.TARGETS, _fragments(options) if options.fragments else None))
    return 0


def _fragments(options: argparse.Namespace) -> tuple[dict[str, object], dict[str, object]]:
    from kforge.domain.kubernetes.releases import default
    from kforge.spec.validate_service import KINDS
    from kforge.system.fragment_schemas import fragment_schemas

    kinds, needed = fragment_schemas(KINDS, options.kubernetes or default())
    return {**kinds}, {**needed}
