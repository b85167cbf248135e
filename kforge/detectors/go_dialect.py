"""What Go and its libraries call the things that expressions are made of."""

from __future__ import annotations

from kforge.syntax.dialect import LanguageDialect

DIALECT = LanguageDialect(
    getters=("os.Getenv", "os.LookupEnv", "syscall.Getenv"),
    casts=frozenset(("Itoa", "Atoi", "string", "int", "int64", "TrimSpace", "TrimPrefix", "TrimSuffix", "TrimRight", "ToLower", "Sprint",
                     "Clean", "Abs", "ParseInt", "ParseUint", "FormatInt", "SplitHostPort")),
    second=frozenset(("String", "Int", "Uint")),
    joins=frozenset(("filepath.Join", "path.Join")),
    formats=frozenset(("fmt.Sprintf", "fmt.Errorf")),
    parents=frozenset(("filepath.Dir", "path.Dir")),
    texts={"os.TempDir": "/tmp"},  # noqa: S108
    keys_are_fields=True,
    packages=True,
    key_getters=frozenset(("GetString", "GetInt", "GetInt32", "GetInt64", "GetUint", "GetUint16", "GetUint32", "Get",
                           "String", "Int", "Int64", "MustString", "MustInt")),
    field_getters=frozenset(("GetString", "GetInt", "Get", "GetUint")),
)  # fmt: skip
