"""What JavaScript and its libraries call the things that expressions are made of."""

from __future__ import annotations

import re

from kforge.syntax.dialect import LanguageDialect
from kforge.syntax.javascript_expressions import ENVIRONMENTS

DIALECT = LanguageDialect(
    environments=ENVIRONMENTS,
    getters=("Deno.env.get",),
    splits=frozenset(("split",)),
    cast_like=re.compile(r"port|int|num|parse|string|required|ensure|normali[sz]e", re.IGNORECASE),
    joins=frozenset(("path.join", "path.resolve", "join", "resolve", "path.posix.join")),
    casts=frozenset(("fileURLToPath", "normalize")),
    own_file=frozenset(("__filename", "import.meta.filename", "import.meta.url", "module.filename")),
    own_folder=frozenset(("__dirname", "import.meta.dirname", "import.meta.dir")),
    parents=frozenset(("dirname",)),
    texts={"process.cwd": ".", "os.tmpdir": "/tmp", "tmpdir": "/tmp"},  # noqa: S108
    config_calls={"get": False, "getOrThrow": True},
    config_owners=re.compile(r"(?:config(?:Service)?|env)$", re.IGNORECASE),
    keys_are_fields=True,
    field_getters=frozenset(("get",)),
)
