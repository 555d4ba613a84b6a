"""Whether a server in a container is ready, asked inside it. Images of servers bring no curl, but all bring bash."""

from __future__ import annotations

_SCRIPT = (
    "exec 3<>/dev/tcp/127.0.0.1/{port} && "
    "printf 'GET {path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && "
    'IFS= read -r -t 4 status <&3 && [[ $status == *" 200 "* ]]'
)


def health_check(path: str, port: int) -> list[str]:
    """Docker's ``test``: succeeds when the path answers 200 on loopback.

    Args:
        path: beginning with a slash, of letters, digits and ``/._-``.
        port: inside the container.
    """
    return ["CMD", "bash", "-c", _SCRIPT.format(path=path, port=port)]
