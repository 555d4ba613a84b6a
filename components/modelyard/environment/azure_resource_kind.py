"""Of what kind a resource of Azure is, by its id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_KIND = re.compile(r"/providers/([^/\s]+/[^/\s]+)/[^/\s]+$")


def of_another_kind(ids: Mapping[str, str | None], kinds: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each id that is not of its key's kind. Azure writes kinds with other capitals now and then.

    Args:
        ids: by key; None is left out.
        kinds: by key, for example ``Microsoft.KeyVault/vaults``.
    """
    for key, kind in kinds.items():
        given = ids.get(key)
        if given is None:
            continue
        found = _KIND.search(given)
        if found is None or found[1].lower() != kind.lower():
            named = "of nothing that it names" if found is None else f"of {found[1]}"
            yield f"{key} must be the resource id of {kind}, and it is that {named}; write .../providers/{kind}/<name>"
