"""An environment in, everything composed: the foundation, and what each department serves."""

from .deploy import deploy as deploy
from .platform import Platform as Platform
