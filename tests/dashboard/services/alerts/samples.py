"""Findings as a detector makes them."""

from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.db import Finding


def spike(first: int, severity: int = 2, kind: str = "loss_spike", **more) -> Finding:
    return Finding(
        kind, "", first, first, first, Severity(severity), f"The loss jumped at {first}.", "Go back.", **more
    )
