"""A law that was fitted to a table is not fitted to it again."""

from barograph.dashboard.analysis.scaling import ScalingTable
from barograph.dashboard.web.scaling import cached
from tests.dashboard import made_up_scaling


def test_equal_tables_have_one_fit(tmp_path):
    def table() -> ScalingTable:
        params, tokens, loss = made_up_scaling.table()
        names = tuple(f"run {i}" for i in range(len(loss)))
        return ScalingTable({"params": params, "tokens": tokens, "loss": loss}, names, ("",) * len(loss))

    first = cached.fitted("chinchilla", table(), False, False)
    assert cached.fitted("chinchilla", table(), False, False) is first
    assert set(cached.drawn(first)) == {"runs", "frontier", "sizes", "equal", "flops", "best"}
