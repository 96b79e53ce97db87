"""Tables of evaluations as people write them, and the command that reads them."""

from __future__ import annotations

from barograph.dashboard.analysis.measures import __main__ as command

LINES = {
    "header": "step,task,accuracy,n,n_invalid", "a0": "0,a,0.1,1000,0", "b0": "0,b,0.1,1000,0",
    "a1": "100,a,0.9,1000,0", "b1": "100,b,0.2,1000,0", "dip": "101,a,0.3,1000,500", "a2": "200,a,0.82,1000,0",
    "b2": "200,b,0.88,1000,0",
}  # fmt: skip
BOUNDARIES = "task,start,end\na,0,100\nb,100,200\n"


def write(tmp_path, boundaries=BOUNDARIES, marks="", **other):
    """The arguments of the command for a table whose lines are LINES but for `other`."""
    lines = {**LINES, **other}
    (tmp_path / "m.csv").write_text(marks + "\n".join(line for line in lines.values() if line) + "\n")
    if boundaries is None:
        return [str(tmp_path / "m.csv")]
    (tmp_path / "b.csv").write_text(boundaries)
    return [str(tmp_path / "m.csv"), str(tmp_path / "b.csv")]


def run(arguments, capsys):
    """Status, standard output and standard error."""
    status = command.main(arguments)
    said = capsys.readouterr()
    return status, said.out, said.err
