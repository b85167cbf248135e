"""What a language's own library calls the things that expressions are made of. One record a language, data only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LanguageDialect:
    """Names are matched by their end, so that `os.environ.get` and `environ.get` are one."""

    environments: tuple[str, ...] = ()  # objects that hold the environment: `environ`, `process.env`
    getters: tuple[str, ...] = ()  # calls that read a variable: `getenv`, `os.LookupEnv`
    index_insists: bool = False  # whether reading a variable that is not set fails
    receivers: tuple[str, ...] = ()  # parameters that no caller gives: `self`
    options: tuple[str, ...] = ()  # calls that declare an option of the command line
    casts: frozenset[str] = frozenset()  # calls that give back what they are given, as far as a text shows
    splits: frozenset[str] = frozenset()  # methods that take a text apart: `split(":")`
    siblings: frozenset[str] = frozenset()  # methods that give another path of the same folder
    cast_like: re.Pattern[str] | None = None  # names of calls that do so, too
    second: frozenset[str] = frozenset()  # calls that come to their second argument: a flag and its default
    joins: frozenset[str] = frozenset()  # calls that put paths together, by their whole name or its last two parts
    absolute_wins: bool = False  # whether an absolute path that is put behind another takes its place
    formats: frozenset[str] = frozenset()  # calls whose first argument is a pattern with `%s`, named likewise
    own_file: frozenset[str] = frozenset()  # names for the path of the file that they stand in
    own_folder: frozenset[str] = frozenset()  # names for its folder
    parents: frozenset[str] = frozenset()  # calls and fields that lead from a path to its folder
    texts: dict[str, str] = field(default_factory=dict)  # names and calls that stand for a text: `__dirname`
    config_modules: tuple[str, ...] = ()  # libraries whose objects read settings by name
    config_objects: tuple[str, ...] = ()  # mappings whose keys in capitals are fields: `app.config["DATABASE"]`
    config_others: frozenset[str] = frozenset()  # calls of theirs that read none
    config_calls: dict[str, bool] = field(default_factory=dict)  # methods that read a setting: whether they insist
    config_owners: re.Pattern[str] | None = None  # what such methods are called on
    keys_are_fields: bool = False  # whether a key of an object is a field that names lead to
    packages: bool = False  # whether the files of a folder are one package, and fields belong to types
    key_getters: frozenset[str] = frozenset()  # methods that give a setting by its key, where a library holds some
    field_getters: frozenset[str] = frozenset()  # methods that give a field by its name: `app.get("port")`
