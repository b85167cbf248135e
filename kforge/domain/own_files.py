"""Names of kforge's own files beside a spec."""

LOCK_FILE = "kforge.lock"
SUMS_FILE = "kforge.sum"
STATE_FOLDER = ".kforge"
