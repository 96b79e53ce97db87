"""The tables as they are today; how older files get here is in `migrations/`.

`runs`, `attempts`, `signals`, `series`, `events`, `evaluations` are plain rows for plain SQL. `series` carries each
series' count, extremes and latest value; `tiles` the points and their roll-ups (see `pyramid.py`); `journals` how far
each journal has been folded in, in the same transaction as the rows it gave.
"""

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("project", Text, nullable=False, default=""),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("last_seen", Float, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("steps_planned", Integer),
    Column("config", Text, nullable=False, default="{}"),
    Column("provenance", Text, nullable=False, default="{}"),
    Column("size", Text, nullable=False, default="{}"),
    Column("tokens_per_step", Float),
    Column("flops_per_token", Float),
    Column("tags", Text, nullable=False, default="[]"),
    Column("note", Text, nullable=False, default=""),
    Column("parent", Text),
    Column("fork_step", Integer),
    Column("stop_requested", Integer, nullable=False, default=0),  # 1 + the attempt that was asked to stop
    Column("stop_reason", Text, nullable=False, default=""),
)

attempts = Table(
    "attempts",
    metadata,
    Column("run", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("from_step", Integer, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("state", Text, nullable=False),
)

signals = Table(
    "signals",
    metadata,
    Column("run", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("unit", Text, nullable=False, default=""),
    Column("sentence", Text, nullable=False, default=""),
    Column("better", Text, nullable=False, default="neither"),
    Column("axes", Text, nullable=False, default="[]"),
    Column("title", Text, nullable=False, default=""),
    Column("remedy", Text, nullable=False, default=""),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("signal", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("n", Integer, nullable=False, default=0),
    Column("bad", Integer, nullable=False, default=0),
    Column("first_step", Integer),
    Column("last_step", Integer),
    Column("last_value", Float),
    Column("low", Float),
    Column("high", Float),
    Column("checksum", Integer),  # of all the row; NULL in rows that are older than checksums
    UniqueConstraint("run", "attempt", "signal", "part"),
)

tiles = Table(
    "tiles",
    metadata,
    Column("series", Integer, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("tile", Integer, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("first_step", Integer, nullable=False),
    Column("last_step", Integer, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("mean", Float),
    Column("data", LargeBinary, nullable=False),
    Column("checksum", Integer),
    Index("tiles_by_step", "series", "level", "first_step"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Text, nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("time", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("data", Text, nullable=False, default="{}"),
)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("task", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("value", Text, nullable=False),  # as text: SQLite has no NaN
    Column("n", Integer),
    Column("n_invalid", Integer),
    Column("subset", Text, nullable=False, default=""),
    Column("weights", Text, nullable=False, default="raw"),
    Column("time", Float, nullable=False),
    UniqueConstraint("run", "attempt", "step", "task", "metric", "subset", "weights"),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Text, nullable=False, index=True),
    Column("lr_group", Text, nullable=False),
    Column("made_at", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("knots", Text, nullable=False),  # JSON [[step, lr], ...]
)

journals = Table(
    "journals",
    metadata,
    Column("name", Text, primary_key=True),
    Column("run", Text, nullable=False, index=True),
    Column("folded", Integer, nullable=False),
    Column("state", Text, nullable=False),  # what reading on needs: attempt and shapes
    Column("retired", Integer, nullable=False, default=0),  # folded whole: the file may go
    Column("damaged_at", Integer),  # the byte where reading stopped for good
)

forecasts = Table(
    "forecasts",
    metadata,
    Column("run", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("made_at", Integer, primary_key=True),
    Column("for_step", Integer, primary_key=True),
    Column("signal", Text, primary_key=True),
    Column("schedule", Text, primary_key=True),
    Column("mid", Float),  # NULL: refused, for the reason in `verdict`
    Column("low50", Float),
    Column("high50", Float),
    Column("low90", Float),
    Column("high90", Float),
    Column("law", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("time", Float, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),  # rises when a finding is new or graver: what a poller goes by
    Column("run", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("evidence", Text, nullable=False),  # JSON; what is not finite as text
    Column("confidence", Float),
    Column("open", Integer, nullable=False),
    Column("time", Float, nullable=False),
    Column("judgement", Text, nullable=False, default=""),
    Column("told", Float, nullable=False, default=0.0),
    UniqueConstraint("run", "attempt", "kind", "part", "first"),
)

views = Table(
    "views",
    metadata,
    Column("name", Text, primary_key=True),
    Column("page", Text, nullable=False),
    Column("address", Text, nullable=False),  # what stands behind the "?" of the page's link
)
