"""The one program of every stack: which environment and layer it deploys is in the stack's configuration."""

from pathlib import Path

from modelyard.platform import deploy

deploy(Path(__file__).parent)
