"""The few things kforge does to the disk, one method each, so that a test can let any of them fail. Decides nothing.

Names are relative to `folder`, the handle of an open folder: what is swapped for a link meanwhile leads nowhere else.
Without a handle they are paths, for folders that are the user's own affair.
"""

from __future__ import annotations

import os

MODE = 0o644  # said outright: neither the umask nor a temporary file's own mode may show in what is committed
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Disk:
    """Every method raises OSError."""

    def make_folder(self, name: str, folder: int | None = None) -> None:
        os.mkdir(name, dir_fd=folder)

    def write(
        self, name: str, content: bytes, durable: bool = False, folder: int | None = None, mode: int = MODE
    ) -> None:
        """A new file; `durable`: on the medium before this returns."""
        handle = os.open(name, _NEW, 0o600, dir_fd=folder)
        try:
            os.fchmod(handle, mode)
            view = memoryview(content)
            while view:
                view = view[os.write(handle, view) :]
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)

    def replace(self, source: str, name: str, folder: int | None = None) -> None:
        """Rename within a folder; what had the name is gone, and a link there is not followed."""
        os.replace(source, name, src_dir_fd=folder, dst_dir_fd=folder)

    def link(self, source: str, name: str, folder: int | None = None) -> None:
        """Give a file a second name. Fails where something has that name."""
        os.link(source, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)

    def remove(self, name: str, folder: int | None = None) -> None:
        os.unlink(name, dir_fd=folder)

    def remove_folder(self, name: str, folder: int | None = None) -> None:
        """Fails where the folder is not empty."""
        os.rmdir(name, dir_fd=folder)

    def settle(self, name: str, folder: int | None = None) -> None:
        """Sync a folder, so that its renames survive a power cut."""
        handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


DISK = Disk()
