"""kforge: from `app.kforge.yaml` to checked, reproducible deployment files."""

__version__ = "0.1.0"
