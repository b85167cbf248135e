"""Files that the user's own Dockerfile starts → the processes of a source that its image starts beside the first one.

A script, a configuration of supervisord or uWSGI, and what these name in turn: no service has to start such a process
again. Nothing is run.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kforge.domain.artifact import Tree
from kforge.domain.commands.beside import BesideProcess
from kforge.domain.commands.read_command import read
from kforge.domain.commands.started import dockerfile_words
from kforge.domain.facts import Fact, Many

_READ = (".sh", ".bash", ".ini", ".conf", ".cfg", "Procfile", "entrypoint", "docker-entrypoint")
_MOST = 20  # files
_LASTING = ("worker", "scheduler")


def unstarted(beside: Many, tree: Tree, described: Mapping[str, Any]) -> Many:
    """The processes that no file of the image starts."""
    lasting = [fact for fact in beside if BesideProcess.of(fact.value).role in _LASTING]
    if not lasting:
        return beside
    lines = [{*_words(line)} for text in _texts(tree, described) for line in text.splitlines()]
    started = [fact for fact in lasting if any(_telling(fact) <= words for words in lines)]
    return tuple(fact for fact in beside if fact not in started)


def _telling(fact: Fact) -> set[str]:
    """The words of a command that no other has: `manage.py sendalerts` of `python manage.py sendalerts --loop`."""
    named = [word for word in _words(" ".join(fact.value["command"])) if not word.startswith("-")]
    named = named[1:] if len(named) > 2 and named[1].endswith(".py") else named
    return {named[0], read(fact.value["command"]).subcommand or named[-1]} if named else {""}


def _texts(tree: Tree, described: Mapping[str, Any]) -> Iterator[str]:
    """Files that the start names, and those that they name."""
    known: dict[str, str] = {}
    for path in tree.files:
        if path.endswith(_READ):
            known.setdefault(posixpath.basename(path), path)
    started = (*dockerfile_words(described), *(described.get("entrypoint") or ()), *(described.get("cmd") or ()))
    wanted = list(dict.fromkeys(word for line in started for word in _words(str(line))))
    seen: set[str] = set()
    for word in wanted:
        if word in known and word not in seen and len(seen) < _MOST:
            seen.add(word)
            text = tree.text(known[word])
            yield text
            wanted += [each for each in {*_words(text)} & known.keys() if each not in seen]


def _words(text: str) -> Iterable[str]:
    """Words, of paths the last part: a command, or what stands behind `=`."""
    return (posixpath.basename(word.rstrip("/")) for word in re.split(r"[\s=:;\"'&|()]+", text) if word)
