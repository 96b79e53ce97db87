"""What a reader must know before believing a comparison."""

from __future__ import annotations

from .comparability import Unranked
from .result import Comparison


def notes(found: Comparison) -> tuple[str, ...]:
    """A sentence for each reason to doubt: runs not ranked, seeds, values not finite, lengths, configurations."""
    out = []
    for reason in Unranked:
        odd = [one.run.name for one in found.results if one.unranked is reason]
        if odd:
            names = ", ".join(name[:60] for name in odd[:4]) + (", ..." if len(odd) > 4 else "")
            out.append(f"Not ranked: {names}: {reason.sentence}")
    if found.better == "neither":
        out.append(
            f"Which way is better is not known of {found.signal[:60]}: choose lower or higher, to rank the runs."
        )
    if found.seeds is None:
        out.append(
            "Seed noise is unknown: no two finished runs of the project differ in the seed alone, so a difference may "
            "not hold with other seeds."
        )
    else:
        sd, dof = found.seeds.sd, found.seeds.dof
        out.append(f"Seed noise: a standard deviation of {sd:.2g}, from {dof} degrees of freedom.")
    if not_finite := sum(one.not_finite for one in found.results):
        out.append(f"{not_finite:,} values are not finite; they count in no mean.")
    if len({one.run.last_step for one in found.results}) > 1:
        out.append("The runs ended at different steps.")
    if len(found.config) > 1:
        out.append(
            f"The configurations differ in {len(found.config)} keys: this comparison cannot tell which of them made "
            "the difference."
        )
    return tuple(out)
