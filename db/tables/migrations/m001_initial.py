"""The first shape: runs, attempts, signals, series and their tiles, events, evaluations, plans, journals."""

from sqlalchemy import Connection, text

TABLES = """
CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, project TEXT NOT NULL DEFAULT '', started FLOAT NOT NULL,
    ended FLOAT, last_seen FLOAT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,
    steps_planned INTEGER, config TEXT NOT NULL DEFAULT '{}', provenance TEXT NOT NULL DEFAULT '{}',
    size TEXT NOT NULL DEFAULT '{}', tokens_per_step FLOAT, flops_per_token FLOAT, tags TEXT NOT NULL DEFAULT '[]',
    note TEXT NOT NULL DEFAULT '', parent TEXT, fork_step INTEGER, stop_requested INTEGER NOT NULL DEFAULT 0);
CREATE INDEX ix_runs_name ON runs (name);
CREATE TABLE attempts (
    run TEXT NOT NULL, number INTEGER NOT NULL, from_step INTEGER NOT NULL, started FLOAT NOT NULL, ended FLOAT,
    state TEXT NOT NULL, PRIMARY KEY (run, number));
CREATE TABLE signals (
    run TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL DEFAULT '', sentence TEXT NOT NULL DEFAULT '',
    better TEXT NOT NULL DEFAULT 'neither', axes TEXT NOT NULL DEFAULT '[]', PRIMARY KEY (run, name));
CREATE TABLE series (
    id INTEGER NOT NULL PRIMARY KEY, run TEXT NOT NULL, attempt INTEGER NOT NULL, signal TEXT NOT NULL,
    part TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 0, bad INTEGER NOT NULL DEFAULT 0, first_step INTEGER,
    last_step INTEGER, last_value FLOAT, low FLOAT, high FLOAT, UNIQUE (run, attempt, signal, part));
CREATE TABLE tiles (
    series INTEGER NOT NULL, level INTEGER NOT NULL, tile INTEGER NOT NULL, n INTEGER NOT NULL,
    first_step INTEGER NOT NULL, last_step INTEGER NOT NULL, low FLOAT, high FLOAT, mean FLOAT, data BLOB NOT NULL,
    PRIMARY KEY (series, level, tile));
CREATE INDEX tiles_by_step ON tiles (series, level, first_step);
CREATE TABLE events (
    id INTEGER NOT NULL PRIMARY KEY, run TEXT NOT NULL, attempt INTEGER NOT NULL, step INTEGER NOT NULL,
    time FLOAT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL DEFAULT '', data TEXT NOT NULL DEFAULT '{}');
CREATE INDEX ix_events_run ON events (run);
CREATE TABLE evaluations (
    id INTEGER NOT NULL PRIMARY KEY, run TEXT NOT NULL, attempt INTEGER NOT NULL, step INTEGER NOT NULL,
    task TEXT NOT NULL, metric TEXT NOT NULL, value TEXT NOT NULL, n INTEGER, n_invalid INTEGER,
    subset TEXT NOT NULL DEFAULT '', weights TEXT NOT NULL DEFAULT 'raw', time FLOAT NOT NULL,
    UNIQUE (run, attempt, step, task, metric, subset, weights));
CREATE TABLE plans (
    id INTEGER NOT NULL PRIMARY KEY, run TEXT NOT NULL, lr_group TEXT NOT NULL, made_at INTEGER NOT NULL,
    origin TEXT NOT NULL, knots TEXT NOT NULL);
CREATE INDEX ix_plans_run ON plans (run);
CREATE TABLE journals (
    name TEXT NOT NULL PRIMARY KEY, run TEXT NOT NULL, folded INTEGER NOT NULL, state TEXT NOT NULL,
    retired INTEGER NOT NULL DEFAULT 0, damaged_at INTEGER);
CREATE INDEX ix_journals_run ON journals (run);
"""


def upgrade(connection: Connection) -> None:
    for statement in TABLES.split(";"):
        if statement.strip():
            connection.execute(text(statement))
