"""What a serving cluster runs besides models, installed from Helm charts at pinned versions."""
