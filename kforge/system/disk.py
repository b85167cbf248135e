"""The few things a build does to the disk, one method each, so that a test can let any of them fail. Decides nothing."""

from __future__ import annotations

import os

MODE = 0o644  # said outright: neither the umask nor a temporary file's own mode may show in what is committed
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


class Disk:
    """Every method raises OSError."""

    def make_folder(self, place: str) -> None:
        os.mkdir(place)  # noqa: PTH102  # text, thousands of times

    def write(self, place: str, content: bytes, durable: bool = False) -> None:
        """A new file; `durable`: on the medium before this returns."""
        handle = os.open(place, _NEW, MODE)
        try:
            os.fchmod(handle, MODE)
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)

    def replace(self, source: str, place: str) -> None:
        os.replace(source, place)  # noqa: PTH105

    def remove(self, place: str) -> None:
        os.unlink(place)  # noqa: PTH108

    def remove_folder(self, place: str) -> None:
        """Fails where the folder is not empty."""
        os.rmdir(place)  # noqa: PTH106

    def settle(self, folder: str) -> None:
        """Bring a folder's renames to the medium."""
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


DISK = Disk()
