"""What must not move while kforge looks at a path: all that its inode says but when it was last read."""

import os
from pathlib import Path


def state(path: Path) -> tuple[int, ...]:
    """Kind, number, links, owner, size and the times (ns) at which it and its inode changed; a link is not followed."""
    held = os.lstat(path)
    return (
        held.st_mode, held.st_ino, held.st_dev, held.st_nlink, held.st_uid, held.st_gid, held.st_size,
        held.st_mtime_ns, held.st_ctime_ns,
    )  # fmt: skip
