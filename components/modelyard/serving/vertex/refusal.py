"""What goes wrong between this machine and Vertex AI, each as one sentence and never with a token in it."""

from __future__ import annotations

ADVICE = {
    401: "the credentials have expired or are another cloud's; run `gcloud auth application-default login`",
    403: "who deploys needs roles/aiplatform.user in the project, and roles/iam.serviceAccountUser on the account that "
    "the container acts as",
    429: "ask for more quota of this machine type or GPU in the region, or deploy elsewhere",
}


class VertexError(Exception):
    """A sentence for the person who deploys."""


class NoCredentials(VertexError):
    """Nobody said who deploys."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Vertex AI: {reason}; run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS "
            "to the file of a service account, or GOOGLE_OAUTH_ACCESS_TOKEN"
        )


class Refused(VertexError):
    """Vertex AI said no."""

    def __init__(self, doing: str, code: int, status: str, message: str) -> None:
        advice = f"; {ADVICE[code]}" if code in ADVICE else ""
        said = " ".join(message.split()).rstrip(".")
        super().__init__(f"Vertex AI refused to {doing}: {said} ({status or code}){advice}")
        self.code = code
        self.status = status
        self.said = said


class Failed(VertexError):
    """An operation of Vertex AI ended with an error."""

    def __init__(self, doing: str, operation: str, message: str) -> None:
        said = " ".join(message.split()).rstrip(".")
        super().__init__(f"Vertex AI began to {doing} and failed: {said}; its operation is {operation}")


class TookTooLong(VertexError):
    """An operation of Vertex AI has not ended."""

    def __init__(self, doing: str, operation: str, minutes: float) -> None:
        super().__init__(
            f"Vertex AI has not ended to {doing} after {minutes:g} minutes; it goes on as {operation}, and the next "
            "`pulumi up` takes up what it leaves"
        )


class NotReached(VertexError):
    """There is no way to Vertex AI."""

    def __init__(self, doing: str, host: str, reason: object) -> None:
        super().__init__(f"cannot {doing}: {host} is not reached ({reason}); check the network and the region")
