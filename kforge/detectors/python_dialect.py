"""What Python and its libraries call the things that expressions are made of."""

from __future__ import annotations

from kforge.syntax.dialect import LanguageDialect

DIALECT = LanguageDialect(
    environments=("environ",),
    getters=("environ.get", "getenv", "environ.setdefault", "environ.pop"),
    index_insists=True,
    receivers=("self", "cls"),
    options=("add_argument", "option", "define"),
    casts=frozenset(("int", "str", "float", "bool", "Path", "PurePath", "strip", "rstrip", "lstrip", "lower", "format_map",
                     "expanduser", "resolve", "absolute", "realpath", "abspath", "fspath", "SecretStr")),
    own_file=frozenset(("__file__",)),
    parents=frozenset(("dirname", "parent")),
    splits=frozenset(("split", "rsplit", "partition", "rpartition")),
    siblings=frozenset(("with_suffix", "with_name", "with_stem")),
    joins=frozenset(("path.join", "join")),
    absolute_wins=True,
    # `config("PORT", default=8000)` of decouple and starlette, `env.int("PORT", 8000)` of environs.
    config_modules=("decouple", "environs", "environ", "starlette.config", "prettyconf", "dynaconf"),
    config_objects=("app.config",),  # of Flask and Quart, also by `current_app`
    config_others=frozenset(("read_env", "read_envfile", "Config", "Env", "prefixed", "seal")),
)  # fmt: skip
