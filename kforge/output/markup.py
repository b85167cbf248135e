"""Escape untrusted text for Markdown: it becomes no link, table cell, HTML or mention.

Everything stands in code spans, where Markdown means nothing and GitHub looks for no names, issues and addresses.
Inside a table a `|` would end the cell even there, and `\\|` is read differently after a backslash: it stands between
two spans.
"""

from __future__ import annotations

import html
import re

from kforge.domain.invisible_chars import line, visible

LONGEST = 400  # characters of one cell


def code(text: str, length: int = LONGEST) -> str:
    """One line as code; "" for nothing."""
    return "&#124;".join(_span(part) for part in line(text, length).split("|"))


def _span(text: str) -> str:
    if not text:
        return ""
    marks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{marks}{pad}{text}{pad}{marks}"


def row(*cells: str) -> str:
    """A row of a table, of cells that are inert already."""
    return f"| {' | '.join(cells)} |"


def block(text: str, language: str) -> str:
    """Lines as a fenced block; the fence is longer than any in it."""
    shown = visible(text.replace("\r", ""))
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence}{language}\n{shown}{'' if shown.endswith(chr(10)) else chr(10)}{fence}"


def escaped(text: str, length: int = LONGEST) -> str:
    """One line inside an HTML element."""
    return html.escape(line(text, length))
