"""Words of a command line → options of one command, or an error in kforge's own form: what is wrong, and what was meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import ModuleType

_CHOICE = re.compile(r"argument ([^:]+): invalid choice: (.+?) \(choose from", re.DOTALL)
_VALUE = re.compile(r"argument (.+?): expected (?:one|at least one) argument")
_NO_VALUE = re.compile(r"argument (.+?): ignored explicit argument '(.*)'", re.DOTALL)
_BOTH = re.compile(r"argument (.+?): not allowed with argument (.+)")
_FORM = re.compile(r"argument (.+?): invalid (\w+) value: '(.*)'", re.DOTALL)
_OTHER = re.compile(r"argument (.+?): (.*)", re.DOTALL)
_REQUIRED = re.compile(r"the following arguments are required: (.+)")
_FORMS = {"int": "a whole number", "float": "a number"}


class CommandParser(argparse.ArgumentParser):
    """A parser whose errors are raised as InputError; options are never abbreviated, so that a new one breaks no script."""

    def __init__(self, prog: str, description: str | None = None, **more: object) -> None:
        super().__init__(
            prog=prog,
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **{name: value for name, value in more.items() if name in ("add_help", "usage")},  # type: ignore[arg-type]
        )

    def error(self, message: str) -> NoReturn:
        from kforge.errors import InputError

        raise InputError(*_said(self, message))

    def parsed(self, words: Sequence[str], mixed: bool = False) -> argparse.Namespace:
        """The options. `mixed`: they may stand between positional words. Raises InputError."""
        self._refuse_unknown(words)
        options, left = (self.parse_known_intermixed_args if mixed else self.parse_known_args)(words)
        if left:
            from kforge.commands.mistaken_words import surplus
            from kforge.errors import InputError

            raise InputError(*surplus(self.prog, left))
        return options

    def _refuse_unknown(self, words: Sequence[str]) -> None:
        parser = self
        unknown = []
        for word in words[: words.index("--")] if "--" in words else words:
            parser = verbs(parser).get(word, parser) if parser is self else parser
            if word.startswith("-") and word != "-" and " " not in word and not re.fullmatch(r"-\d+(\.\d+)?", word):
                name = word.partition("=")[0] if word.startswith("--") else word[:2]
                if name not in parser.known:
                    unknown.append(word.partition("=")[0] if word.startswith("--") else word)
        if unknown:
            from kforge.commands.mistaken_words import unknown_option
            from kforge.errors import InputError, Problem

            raise InputError(tuple(Problem(*unknown_option(parser.prog, each, parser.shown)) for each in unknown))

    @property
    def known(self) -> dict[str, argparse.Action]:
        """Every option by each of its names."""
        return self._option_string_actions

    @property
    def shown(self) -> list[str]:
        """Names of the options that the help shows."""
        return [name for name, action in self.known.items() if action.help != argparse.SUPPRESS]

    @property
    def actions(self) -> list[argparse.Action]:
        """Options and positional words, in order."""
        return self._actions


def command_parser(name: str, door: ModuleType) -> CommandParser:
    """The parser of a command, with the options that all of them take."""
    parser = CommandParser(f"kforge {name}", door.__doc__)
    door.arguments(parser)
    for verb in verbs(parser).values():
        _everywhere(verb, inner=True)
    _everywhere(parser)
    return parser


def verbs(parser: CommandParser) -> dict[str, CommandParser]:
    """The parsers of what a command does, for commands with verbs: `cache info`."""
    for action in parser.actions:
        if isinstance(action, argparse._SubParsersAction):
            return {name: held for name, held in action.choices.items() if isinstance(held, CommandParser)}
    return {}


def _everywhere(parser: CommandParser, inner: bool = False) -> None:
    """Options of every command. Below a verb they leave alone what was said before it."""
    group = parser.add_argument_group("everywhere")
    unset = argparse.SUPPRESS if inner else False
    group.add_argument(
        "-C",
        dest="directories",
        action="append",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="run in this folder, as git and make do",
    )
    with suppress(argparse.ArgumentError):
        group.add_argument("-q", "--quiet", action="store_true", default=unset, help="answers and errors only")
    with suppress(argparse.ArgumentError):
        group.add_argument(
            "-v", "--verbose", action="store_true", default=unset, help="say more, such as which spec is looked at"
        )


def _said(parser: CommandParser, message: str) -> tuple[str, None, str]:
    """An error of argparse in kforge's words, and the way out."""
    from kforge.commands import mistaken_words as words

    if found := _CHOICE.match(message):
        action, value = _action(parser, found[1]), found[2].strip("'\"")
        choices = [str(each) for each in action.choices or ()] if action else []
        if isinstance(action, argparse._SubParsersAction):
            return words.unknown_verb(parser.prog, value, choices)
        return words.unknown_choice(_named(action, found[1]), value, choices)
    if found := _VALUE.match(message):
        action = _action(parser, found[1])
        return f"`{_named(action, found[1])}` lacks its value", None, _with_value(action)
    if found := _NO_VALUE.match(message):
        return f"`{_named(_action(parser, found[1]), found[1])}` takes no value", None, f"leave out `={found[2]}`"
    if found := _BOTH.match(message):
        first, second = (_named(_action(parser, each), each) for each in found.groups())
        return f"`{first}` and `{second}` exclude each other", None, "leave one of them out"
    if found := _FORM.match(message):
        name = _named(_action(parser, found[1]), found[1])
        return f"`{name}` is `{found[3]}`, expected {_FORMS.get(found[2], found[2])}", None, ""
    if found := _REQUIRED.match(message):
        return f"`{parser.prog}` lacks {found[1].replace('/', ' or ')}", None, words.example(parser)
    if found := _OTHER.match(message):
        return f"`{_named(_action(parser, found[1]), found[1])}`: {found[2]}", None, ""
    return message, None, f"see `{parser.prog} --help`"


def _action(parser: CommandParser, name: str) -> argparse.Action | None:
    """The action that argparse names by all its options (`-j/--jobs`), or by its metavar."""
    first = name.partition("/")[0]
    return next(
        (each for each in parser.actions if first in each.option_strings or name in (each.metavar, each.dest)), None
    )


def _named(action: argparse.Action | None, name: str) -> str:
    return max(action.option_strings, key=len, default=name) if action else name


def _with_value(action: argparse.Action | None) -> str:
    if action is None:
        return ""
    name = max(action.option_strings, key=len)
    if action.choices:
        return f"write `{name} {next(iter(action.choices))}`"
    return f"write `{name} {action.metavar or action.dest.upper()}`" + (f": {action.help}" if action.help else "")
