"""Words that kforge does not know → what was meant: a slip of the keyboard, or a word of a neighbouring tool."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from kforge.domain.near_words import listed, near_words

if TYPE_CHECKING:
    from kforge.commands.command_parser import CommandParser

Said = tuple[str, None, str]  # message, no place, hint

APPLY = "kforge applies nothing: `kforge build` writes the files, and `kubectl apply -k deploy/kubernetes` applies them"
REMOVE = (
    "kforge removes nothing from a cluster: `kubectl delete -k deploy/kubernetes` does, claims and their data included"
)
# Verbs of helm, terraform, skaffold, kustomize, compose, ruff, cargo and npm.
VERBS = {
    "check": ("lint", "validate", "verify", "test", "vet", "audit", "status", "st", "fmt", "format", "ci"),
    "build": ("render", "generate", "gen", "synth", "template", "make", "compile", "run", "write", "sync", "fix"),
    "plan": ("preview", "dry-run", "whatif"),
    "explain": ("why", "describe", "show", "get", "list", "ls", "inspect", "blame"),
    "init": ("new", "create", "import", "convert", "kompose", "scaffold", "start", "setup", "draft"),
    "pin": ("set", "edit", "override"),
    "detect": ("scan", "discover", "analyze", "analyse"),
    "doctor": ("info", "env", "config"),
    "upgrade": ("update", "bump", "outdated"),
    "completion": ("completions", "complete"),
    "schema": ("crd", "jsonschema"),
}  # fmt: skip
# Where a command does not do quite what the word says.
_INSTEAD = {
    "fmt": "what kforge writes is formatted already: `kforge check` says whether it is current",
    "format": "what kforge writes is formatted already: `kforge check` says whether it is current",
    "status": "`kforge check` says whether the files are current, `kforge plan` what a build would change",
    "st": "`kforge check` says whether the files are current, `kforge plan` what a build would change",
    "import": "`kforge init` does that: it drafts a spec from a compose file and what the repository shows",
}
APPLYING = ("apply", "up", "deploy", "install", "release", "rollout", "push", "rollback")
REMOVING = ("delete", "destroy", "down", "remove", "uninstall")

# Options that neighbours have, and what kforge has instead.
OPTIONS = {
    ("--dry-run", "--dryrun", "--preview", "-n"): "`kforge plan` shows what a build would do and writes nothing",
    ("--yes", "-y", "--auto-approve", "--no-input"): "this asks nothing back: leave it out",
    ("--output", "-o", "--out", "--output-dir"): "`paths:` in the spec says where files go; `--format` is the form of what is shown",
    ("--json", "--yaml"): "write `--format json`",
    ("--file", "-f", "--filename", "--config", "-c"): "name the spec by its path: `kforge build PATH`; commands about one spec take `--spec PATH`",
    ("--directory", "--dir", "--chdir", "--cwd", "--root"): "write `-C DIR`",
    ("--env", "--environment", "--overlay"): "environments stand in the spec, and a build writes all of them; `kforge explain -e NAME` looks at one",
    ("--namespace",): "`namespace:` in the spec says it",
    ("--values", "--set"): "`kforge pin SERVICE FIELD VALUE` writes a value into the spec",
    ("--lint", "--validate", "--check"): "`kforge check` says whether the files are current and valid",
    ("--fix", "--write", "-w"): "`kforge build` writes the files",
    ("--debug", "--trace", "--log-level"): "`-v` says more; KFORGE_DEBUG=1 shows the traceback of a bug",
    ("--color", "--no-color", "--colour"): "NO_COLOR=1 and FORCE_COLOR=1 say whether there are colours",
    ("--update", "--refresh"): "`kforge build --upgrade` asks again what an older kforge decided",
    ("--silent", "-s"): "`-q` shows answers and errors only",
    ("--version", "-V"): "write `kforge --version`",
    ("--frozen", "--frozen-lockfile", "--immutable", "--ci"): "`kforge build --locked` fails where the lock would change",
}  # fmt: skip


def unknown_command(word: str, commands: Collection[str]) -> Said:
    """The error for a word in a command's place."""
    message = f"`{word}` is not a command"
    if word in APPLYING:
        return message, None, APPLY
    if word in REMOVING:
        return message, None, REMOVE
    if word.startswith("-"):
        return (
            f"`{word}` is not an option of kforge itself",
            None,
            f"options follow their command: `kforge COMMAND {word}`",
        )
    for name, others in VERBS.items():
        if word in others and name in commands:
            return message, None, _INSTEAD.get(word) or f"`kforge {name}` does that"
    if word.endswith((".yaml", ".yml")) or "/" in word:
        return message, None, f"a command comes first: `kforge build {word}`"
    near = near_words(word, commands)
    return message, None, f"did you mean `kforge {near[0]}`?" if near else "see `kforge --help`"


def unknown_option(command: str, word: str, options: Collection[str]) -> Said:
    """The error for an option that a command does not have."""
    message = f"`{word}` is not an option of `{command}`"
    near = near_words(word, [each for each in options if each.startswith("--")], cutoff=0.75)
    if near:
        return message, None, f"did you mean `{near[0]}`?"
    for names, hint in OPTIONS.items():
        if word in names:
            return message, None, hint
    near = near_words(word, [each for each in options if each.startswith("--")])
    return message, None, f"did you mean `{near[0]}`?" if near else f"see `{command} --help`"


def unknown_choice(option: str, word: str, choices: Collection[str]) -> Said:
    """The error for a value that an option does not take."""
    near = near_words(word, choices)
    hint = f"did you mean `{near[0]}`?" if near else ""
    return f"`{option}` is `{word}`, expected {_either(choices)}", None, hint


def unknown_verb(command: str, word: str, choices: Collection[str]) -> Said:
    """The error for a verb that a command does not have."""
    near = near_words(word, choices)
    hint = f"did you mean `{command} {near[0]}`?" if near else f"there are {listed([*choices])}"
    return f"`{word}` is not a verb of `{command}`", None, hint


def surplus(command: str, words: Sequence[str]) -> Said:
    """The error for more words than a command takes."""
    told = ", ".join(f"`{word}`" for word in words)
    hint = f"leave out what is too much, or quote what is one; see `{command} --help`"
    return f"`{command}` takes no further words: {told}", None, hint


def example(parser: CommandParser) -> str:
    """How the command is written: the first example of its help."""
    lines = (parser.description or "").partition("examples:")[2].splitlines()
    first = next((line.strip() for line in lines if line.strip().startswith(parser.prog)), "")
    command = first.partition("  ")[0].rstrip()
    return f"for example `{command}`" if command else f"see `{parser.prog} --help`"


def _either(choices: Iterable[str]) -> str:
    *others, last = (f"`{each}`" for each in choices)
    return f"{', '.join(others)} or {last}" if others else last
