"""What a model server looks for in the folder of a version (``data/server_files.csv``)."""

from __future__ import annotations

from functools import cache

from modelyard.catalog.table import rows


def looked_for(server: str, format: str) -> tuple[str, ...]:
    """Patterns of file names (``*.joblib``); empty where the catalogue does not say."""
    return _patterns().get((server, format), ())


@cache
def _patterns() -> dict[tuple[str, str], tuple[str, ...]]:
    return {(row["server"], row["format"]): tuple(row["patterns"].split()) for row in rows("server_files.csv")}
