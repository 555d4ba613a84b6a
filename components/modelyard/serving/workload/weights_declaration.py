"""How files come to the pods of a Deployment of ours, as its component is told."""

from __future__ import annotations

from ...environment.weights import COPIED, Weights, rounded_gib
from .declaration import StoredDeclaration, WorkloadDeclaration
from .streamed_weights import ODD_IN_OPTIONS


class StreamingDeclaration(WorkloadDeclaration):
    """What the arguments of the runtimes have in common whose pods are ours alone."""

    weights: Weights = COPIED

    @property
    def brought(self) -> Weights:
        """With the size of the cache."""
        size = self.stored.size_bytes
        if self.weights.by != "node_cache" or self.weights.cache_gib is not None or size is None:
            return self.weights
        return self.weights.model_copy(update={"cache_gib": rounded_gib(size)})

    def _reaches_its_store(self) -> None:
        super()._reaches_its_store()
        if self.weights.are_copied:
            return
        by, store = self.weights.by, self.stored.store
        if store == "s3" and self.eks_cluster is None:
            raise ValueError(f"weights.by is {by}, and eks_cluster is missing, whose pods the file driver acts for")
        if by == "node_cache" and store != "s3":
            raise ValueError(
                "weights.by is node_cache, and outside EKS every pod mounts its store by itself and keeps nothing for "
                "the next; write stream"
            )
        if store == "azure" and self.weights.cache_gib:
            raise ValueError(
                f"weights.cache_gib is {self.weights.cache_gib}, and on AKS every pod reads through a BlobFuse of its "
                "own, whose files no other may share; delete it"
            )
        if by == "node_cache" and self.pool is None:
            raise ValueError("weights.by is node_cache, and no pool is named whose nodes read in advance; name it")
        sources = {"stored": self.stored}
        if self.canary is not None:
            sources["canary.stored"] = self.canary.stored
        for name, stored in sources.items():
            _lies_as_it_is_served(name, stored)
            if by == "node_cache" and self.weights.cache_gib is None and stored.size_bytes is None:
                raise ValueError(f"weights.cache_gib is missing, and {name} does not say its size_bytes; add either")


def _lies_as_it_is_served(name: str, stored: StoredDeclaration) -> None:
    """A driver shows a folder as it lies, and compares no checksums."""
    if stored.files or stored.sha256:
        raise ValueError(
            f"{name} lists files with checksums, and a file driver shows a folder as it lies without asking for any; "
            "name a folder as it shall be served, and no files; or write weights.by: copy"
        )
    if not stored.prefix:
        raise ValueError(f"{name}.prefix is empty, and streamed weights are one folder of a bucket; name it")
    odd = sorted({character for character in stored.prefix if character in ODD_IN_OPTIONS})
    if odd:
        shown = " and ".join(repr(character) for character in odd)
        raise ValueError(f"{name}.prefix {stored.prefix!r} holds {shown}, which the options of file drivers cannot say")
