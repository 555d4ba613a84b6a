"""How many NeuronCores a device of AWS Neuron has (``data/neuron_cores.csv``)."""

from __future__ import annotations

from modelyard.catalog.table import rows


def neuron_cores(accelerator: str | None) -> int | None:
    """Cores of one device, as its plugin announces them; None: not a Neuron device, or one whose cores the plugin joins
    into logical ones by a setting of the node (Trainium2)."""
    found = (row["cores_per_device"] for row in rows("neuron_cores.csv") if row["accelerator"] == accelerator)
    return next((int(count) for count in found), None)


def with_neuron_cores() -> tuple[str, ...]:
    """Accelerators whose cores pods can ask for one by one."""
    return tuple(row["accelerator"] for row in rows("neuron_cores.csv"))
