"""Work in progress → lines at the bottom of a terminal, removed at the end. Drawn by rich, imported late."""

from __future__ import annotations

from typing import TextIO

from rich.console import RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table as Grid
from rich.text import Text

from kforge.output.drawing import Terminal
from kforge.output.layout import GAP
from kforge.output.text import inert

BAR = 20  # columns
ROOM = 72  # columns that a terminal with a bar has at least


class LiveStatus:
    """A status of one stream: `show` it repeatedly, `clear` it before anything else is written there."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._console = stream, Terminal(stream)
        self._live: Live | None = None

    def show(self, words: str, share: float | None = None) -> None:
        """The words, and a bar where the share of the work that is done is known."""
        self._console.fit(self._stream)
        if self._live is None:
            self._live = Live(
                console=self._console,
                auto_refresh=False,  # the words change only when they are shown
                transient=True,
                redirect_stdout=False,  # writers clear first
                redirect_stderr=False,
            )
            self._live.start()
        self._live.update(self._drawn(words, share), refresh=True)

    def clear(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _drawn(self, words: str, share: float | None) -> RenderableType:
        text = Text(inert(words), overflow="fold")
        if share is None or self._console.width < ROOM:
            return text
        grid = Grid.grid(padding=(0, len(GAP), 0, 0))
        grid.add_row(
            ProgressBar(1.0, share, BAR, style="dim", complete_style="name", finished_style="name"),
            text,
        )
        return grid
