"""The traffic of one model, split between two versions, as a Pulumi component."""

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.serving.rollout.split_policy import split_policy
from modelyard.serving.rollout.split_route import split_route
from modelyard.serving.rollout.traffic_split_args import TrafficSplitArgs
from modelyard.serving.rollout.traffic_split_declaration import declaration, declared_split


class TrafficSplit(pulumi.ComponentResource):
    """One HTTPRoute and one BackendTrafficPolicy for a stable version and a canary, whatever serves them.

    Takes the Kubernetes provider of the cluster from ``opts``. ``opts.depends_on`` names what serves both versions: the
    route gets its weights when their Deployments are available, and so no caller is sent to a canary that is not
    ready. On the way back the route changes before anything is deleted, since Pulumi deletes last.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    url: pulumi.Output[str]
    """``https://<hostname>``."""
    stable_percent: pulumi.Output[int]
    """Share of the requests that the stable version answers."""
    canary_percent: pulumi.Output[int]
    """Share of the requests that the canary answers."""

    def __init__(self, name: str, args: TrafficSplitArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        split = declared_split(declaration(name, args))
        super().__init__("modelyard:index:TrafficSplit", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        # What keeps callers on their side is there before a caller can be sent to the other.
        policy = declare(name, split_policy(split), here)
        route = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=[policy]))
        declare(name, split_route(split), route)
        self.url = pulumi.Output.from_input(f"https://{split.hostname}")
        self.stable_percent = pulumi.Output.from_input(split.weights["stable"])
        self.canary_percent = pulumi.Output.from_input(split.weights["canary"])
        self.register_outputs(
            {"url": self.url, "stablePercent": self.stable_percent, "canaryPercent": self.canary_percent}
        )
