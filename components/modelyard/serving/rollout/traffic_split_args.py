"""Arguments of a rollout, where KServe's component reads them from."""

from modelyard.serving.workload.args import RolloutArgs

__all__ = ["RolloutArgs"]
