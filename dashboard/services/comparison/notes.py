"""What a reader must know before believing a comparison."""

from __future__ import annotations

from .result import Comparison

DECAYED = 0.3  # of its peak: a run whose learning rate is above has not been decayed


def notes(found: Comparison) -> tuple[str, ...]:
    """A sentence for each reason to doubt: learning rates, seeds, values not finite, lengths, configurations."""
    out = []
    undecayed = [one.run.name for one in found.results if one.lr_fraction is not None and one.lr_fraction > DECAYED]
    if undecayed and len(undecayed) < len(found.results):
        names = ", ".join(name[:60] for name in undecayed[:4]) + (", ..." if len(undecayed) > 4 else "")
        out.append(
            f"Not decayed yet: {names}. A loss falls while the learning rate decays; compare the losses if decayed now."
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
