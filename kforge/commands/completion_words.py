"""Words typed so far → the words that may follow, for the scripts of `kforge completion`. Reads the spec and the lock
alone, and answers nothing where anything is wrong: a shell has no place for a message.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module

from kforge.commands.command_parser import CommandParser, command_parser, verbs
from kforge.commands.completion_names import Found, named_values

SAFE = re.compile(r"[A-Za-z0-9_./@+-][A-Za-z0-9_./@:=+-]*")  # what no shell takes for anything else
LEADING = (
    ("-C", "run in this folder"),
    ("--help", "show the commands"),
    ("--version", "show the version"),
    ("--quiet", "answers and errors only"),
    ("--verbose", "say more"),
)


def answer(words: Sequence[str], commands: Mapping[str, str]) -> int:
    """Write the answer for a shell's name and the words of its command line, of which the last is being typed."""
    try:
        shell, *typed = words
        line = _joined(typed) if shell == "bash" else typed
        kind, found = following(line[1:] or [""], commands)
    except Exception:  # of a shell that waits for a key, nothing else may come
        return 0
    cut = 1 + max(line[-1].rfind("="), line[-1].rfind(":")) if shell == "bash" else 0  # bash completes what is behind
    lines = [kind]
    for word, about in found:
        if SAFE.fullmatch(word):
            lines.append(word[cut:] if shell == "bash" else f"{word}\t{_one_line(about)}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def following(words: Sequence[str], commands: Mapping[str, str]) -> tuple[str, list[Found]]:
    """What may stand in the place of the last word, and `files` or `folders` where these may, too."""
    before, current = [*words[:-1]], words[-1]
    while before and before[0][:2] in ("-C", "-q", "-v", "--"):
        option = before.pop(0)
        if option.startswith("-C"):
            if option == "-C" and not before:
                return "folders", []
            os.chdir(option[2:] or before.pop(0))
    if not before or before == ["help"]:
        offered = [*LEADING] if current.startswith("-") else [*commands.items()]
        return "words", _matching(offered, current)
    if before[0] not in commands:
        return "words", []
    name = before[0]
    return _of_command(name, command_parser(name, import_module(f"kforge.commands.{name}")), before[1:], current)


def _of_command(name: str, parser: CommandParser, before: Sequence[str], current: str) -> tuple[str, list[Found]]:
    used: set[str] = set()
    positional: list[str] = []
    spec, waiting = "", None
    for word in before:
        if waiting is not None and not (waiting.nargs == "?" and word.startswith("-")):
            spec = word if waiting.dest == "spec" else spec
            if waiting.dest == "directories":
                os.chdir(word)
            waiting = None
        elif word.startswith("-"):
            option, _, value = word.partition("=")
            used.add(option)
            action = parser.known.get(option)
            spec = value if action and action.dest == "spec" and value else spec
            waiting = action if action and action.nargs != 0 and "=" not in word else None
        elif word in verbs(parser):
            parser = verbs(parser)[word]
        else:
            positional.append(word)
    if waiting is not None and not current.startswith("-"):
        return _values(name, waiting, positional, current, spec)
    if current.startswith("--") and "=" in current:
        option, _, value = current.partition("=")
        if action := parser.known.get(option):
            kind, found = _values(name, action, positional, value, spec)
            return kind, [(f"{option}={word}", about) for word, about in found]
    if current.startswith("-"):
        return "words", _matching(_options(parser, used), current)
    if waiting is None and (place := _place(parser, len(positional))):
        return _values(name, place, positional, current, spec)
    return "words", []


def _values(
    name: str, action: argparse.Action, positional: Sequence[str], current: str, spec: str
) -> tuple[str, list[Found]]:
    """Values of an option or a positional word."""
    if isinstance(action.choices, Mapping):
        helps = {each.dest: each.help or "" for each in getattr(action, "_choices_actions", ())}
        return "words", _matching([(word, helps.get(word, "")) for word in action.choices], current)
    if action.choices:
        return "words", _matching([(str(word), "") for word in action.choices], current)
    if action.metavar in ("DIR", "FOLDER"):
        return "folders", []
    named = named_values(name, action.dest, str(action.metavar or ""), positional, current, spec)
    found = [each for each in named if not each[0].startswith("-")]  # a repository offers no options
    files = action.metavar in ("PATH", "FILE") or (name == "explain" and action.metavar == "TARGET" and "/" in current)
    return "files" if files else "words", _matching(found, current)


def _options(parser: CommandParser, used: set[str]) -> Iterable[Found]:
    """Each option by its longest name, but for those that stand there already."""
    for action in dict.fromkeys(parser.known.values()):
        again = isinstance(action, argparse._AppendAction)
        if action.help != argparse.SUPPRESS and (again or not used & {*action.option_strings}):
            yield max(action.option_strings, key=len), action.help or ""


def _place(parser: CommandParser, number: int) -> argparse.Action | None:
    """The positional word of this number; one that takes several stands for all that follow."""
    places = [action for action in parser.actions if not action.option_strings]
    if number < len(places):
        return places[number]
    return places[-1] if places and places[-1].nargs in ("*", "+") else None


def _matching(found: Iterable[Found], current: str) -> list[Found]:
    return [each for each in found if each[0].startswith(current)]


def _one_line(about: str) -> str:
    """The first sentence of a help text, as it fits beside a word."""
    text = " ".join(about.replace("%%", "%").split())
    return text if len(text) <= 72 else f"{text[:71].rstrip()}…"


def _joined(words: Sequence[str]) -> list[str]:
    """Bash's words with those joined again that it parts at `=` and `:`."""
    joined: list[str] = []
    open_end = False
    for word in words:
        if joined and (word in ("=", ":") or open_end):
            joined[-1] += word
        else:
            joined.append(word)
        open_end = word in ("=", ":") and len(joined) > 1
    return joined
