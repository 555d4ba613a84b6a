"""A forest of trees (XGBoost, LightGBM, scikit-learn, cuML), served by the Forest Inference Library."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from .model import ModelDeclaration
from .parameters import Parameters

NEW_PARAMETERS_FROM = "25.09"
"""triton-inference-server/fil_backend r25.09, src/shared_state.h: is_classifier took the place of output_class, layout
and chunk_size came, and the parameters below went."""
_GONE = ("storage_type", "algo", "blocks_per_sm", "threads_per_tree")
_CAME = ("layout", "chunk_size")


class FilParameters(Parameters):
    """triton-inference-server/fil_backend, docs/model_config.md."""

    file_names: ClassVar[dict[str, str]] = {
        "xgboost_json": "xgboost.json",
        "xgboost_ubj": "xgboost.ubj",
        "xgboost": "xgboost.model",
        "lightgbm": "model.txt",
        "treelite_checkpoint": "checkpoint.tl",
    }

    model_type: Literal["xgboost_json", "xgboost_ubj", "xgboost", "lightgbm", "treelite_checkpoint"]
    is_classifier: bool | None = None
    """Whether the output is a class rather than a value; releases before 25.09 call it output_class."""
    output_class: bool | None = None
    """The older name of is_classifier; either is written as the release wants it."""
    predict_proba: bool | None = None
    """Whether a classifier answers with a score for each class rather than the class. Default: false."""
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    """Score from which a binary classifier says yes. Default: 0.5."""
    xgboost_allow_unknown_field: bool | None = None
    cpu_nthread: Annotated[int, Field(ge=-1, le=1024)] | None = None
    """Threads of an execution on a CPU. Default: -1, one a core."""
    use_experimental_optimizations: bool | None = None
    """Another implementation for CPUs. Default: false."""
    transfer_threshold: Annotated[int, Field(ge=0)] | None = None
    """Rows from which a batch goes to the GPU. Default: 0."""
    layout: Literal["depth_first", "breadth_first", "layered"] | None = None
    """Order of the nodes in memory (GPU); from 25.09."""
    chunk_size: Literal[1, 2, 4, 8, 16, 32] | None = None
    """Rows that are handled together (GPU); from 25.09."""
    storage_type: Literal["AUTO", "DENSE", "SPARSE", "SPARSE8"] | None = None
    """Before 25.09 only."""
    algo: Literal["ALGO_AUTO", "NAIVE", "TREE_REORG", "BATCH_TREE_REORG"] | None = None
    """Before 25.09 only."""
    blocks_per_sm: Annotated[int, Field(ge=0, le=64)] | None = None
    """Before 25.09 only."""
    threads_per_tree: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Before 25.09 only."""

    @model_validator(mode="after")
    def _classifier(self) -> FilParameters:
        classifier = self.classifier
        if self.is_classifier is not None and self.output_class is not None:
            raise ValueError("is_classifier and output_class are two names of one parameter; keep is_classifier")
        if classifier is None:
            raise ValueError("is_classifier is missing: true for a model that tells classes apart, false for a value")
        if not classifier and (self.predict_proba or self.threshold is not None):
            named = "predict_proba" if self.predict_proba else "threshold"
            raise ValueError(f"{named} goes with is_classifier: true")
        return self

    @property
    def classifier(self) -> bool | None:
        """is_classifier by either name."""
        return self.output_class if self.is_classifier is None else self.is_classifier

    def refused(self, release: str) -> list[tuple[str, str]]:
        """Parameters that this release does not have, each with the sentence about it."""
        gone = release >= NEW_PARAMETERS_FROM
        return [
            (
                name,
                f"Triton {release} has no {name}: it {'went' if gone else 'came'} with {NEW_PARAMETERS_FROM}; "
                f"delete it{', or see layout and chunk_size' if gone else ''}",
            )
            for name in (_GONE if gone else _CAME)
            if getattr(self, name) is not None
        ]

    def texts(self, release: str) -> dict[str, str]:
        found = super().texts(release)
        old_name, new_name = "output_class", "is_classifier"
        found.pop(old_name, None)
        found.pop(new_name, None)
        found[new_name if release >= NEW_PARAMETERS_FROM else old_name] = "true" if self.classifier else "false"
        # The backend reads a classifier's threshold without a default of its own.
        if self.classifier:
            found.setdefault("threshold", "0.5")
        return found


class FilModel(ModelDeclaration):
    format: Literal["fil"]
    parameters: FilParameters
