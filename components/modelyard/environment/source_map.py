"""Where declarations are written: read again only when there is an error to show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .yaml_document import Steps, UnreadableFile, YamlDocument, read


class SourceMap:
    """Lines of the files of an environment."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        """``files``: each file as errors name it, for example ``prod/platform.yaml``, and where it is. It is read
        when a line is asked for, so files may be added until then."""
        self._files = files
        self._documents: dict[str, YamlDocument | None] = {}

    def line(self, file: str, steps: Steps) -> int | None:
        """Line of the key or item at ``steps``, else of the nearest one around it; None for an unreadable file."""
        document = self._document(file)
        if document is None:
            return None
        for length in range(len(steps), 0, -1):
            line = document.lines.get(steps[:length])
            if line is not None:
                return line
        return 1

    def spelled(self, file: str, steps: Steps) -> str | None:
        """The unquoted scalar at ``steps`` as it is written: ``1.30`` where the data says 1.3."""
        document = self._document(file)
        return document.spelled.get(steps) if document else None

    def _document(self, file: str) -> YamlDocument | None:
        if file not in self._documents:
            path = self._files.get(file)
            try:
                self._documents[file] = read(path, lines=True) if path else None
            except UnreadableFile:
                self._documents[file] = None
        return self._documents[file]
