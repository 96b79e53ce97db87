"""Parquet with a column that names a step or a loss, one row a step: as pandas, polars or an exporter write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import StoreError
from ..exchange.names import plain
from ..exchange.notes import MARK
from ..exchange.read_notes import parsed
from ._machinery.batch import Batch, Column
from ._machinery.lines import Meter
from ._machinery.roles import telling

FORMAT = "Parquet"
EXPECTS = "Parquet with a step or a loss column"
UNIT = "row"
_MAGIC = b"PAR1"
_WORDS = "BYTE_ARRAY"
_ROWS = 50_000
_WORDS_BYTES = 64 << 20  # of words in one group of rows: more is no log's, and stays behind
_LONGEST = 100  # characters of a word that can be a number


def recognise(path: Path, head: bytes) -> bool:
    """Whether its columns are a log's. A file without its end is taken, so that the error can name what it lacks."""
    if not head.startswith(_MAGIC):
        return False
    try:
        return telling(_opened(path).schema_arrow.names)
    except StoreError:
        return True


def read(paths: Sequence[Path], meter: Meter) -> Iterator[Batch]:
    """The rows, in pieces; a structure's fields become `outer/inner`, and columns of words stay behind."""
    import pyarrow as pa

    path, metered, first = paths[0], 0, 1
    size, file = path.stat().st_size, _opened(path)
    rows, pieces = max(file.metadata.num_rows, 1), file.iter_batches(_ROWS, columns=_columns(file.metadata))
    if text := (file.schema_arrow.metadata or {}).get(MARK.encode()):
        yield Batch(np.empty(0, np.int64), notes=[parsed(line) for line in text.split(b"\n")])
    while True:
        try:
            piece = next(pieces, None)
        except (pa.ArrowException, OSError):
            yield Batch(np.empty(0, np.int64), unread=[first])
            piece = None
        if piece is None:
            break
        batch = Batch(np.arange(first, first + len(piece)))
        _put(batch, piece)
        yield batch
        first += len(piece)
        share = min(size, size * (first - 1) // rows)
        meter(share - metered)
        metered = share
    meter(size - metered)


def _columns(metadata: Any) -> list[str]:
    """The columns that are read: lists stay behind, and words that would take more memory than any log's."""
    found = []
    for at in range(metadata.num_columns):
        column = metadata.schema.column(at)
        size = max(
            (metadata.row_group(group).column(at).total_uncompressed_size for group in range(metadata.num_row_groups)),
            default=0,
        )
        if not column.max_repetition_level and (column.physical_type != _WORDS or size <= _WORDS_BYTES):
            found.append(column.path)
    return found


def _opened(path: Path) -> Any:
    """The file; its words come with each different one once, however many rows have it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path)
        columns = [metadata.schema.column(at) for at in range(metadata.num_columns)]
        return pq.ParquetFile(path, read_dictionary=[one.path for one in columns if one.physical_type == _WORDS])
    except (pa.ArrowException, OSError) as error:
        why = "not a whole Parquet file: its end, where its columns are listed, is missing or damaged"
        raise StoreError(f"{plain(str(path), 300)}: {why}") from error


def _put(batch: Batch, piece: Any) -> None:
    import pyarrow as pa

    while any(pa.types.is_struct(field.type) for field in piece.schema):
        piece = pa.RecordBatch.from_struct_array(_flat(piece))
    for name, column in zip(piece.schema.names, piece.columns, strict=True):
        kind = column.type
        if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            there = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
            values = column.drop_null().cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            if name not in batch.columns:
                batch.columns[name] = Column(there, values.astype(float), np.empty(0, np.int64))
        elif pa.types.is_timestamp(kind):
            seconds = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
            there = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
            batch.columns[name] = Column(there, seconds.drop_null().to_numpy() / 1e6, np.empty(0, np.int64))
        elif pa.types.is_dictionary(kind) and (
            pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)
        ):
            words = [
                word if word is not None and len(word) <= _LONGEST else None for word in column.dictionary.to_pylist()
            ]
            batch.put(
                name, np.arange(len(piece)), [None if at is None else words[at] for at in column.indices.to_pylist()]
            )
        elif pa.types.is_decimal(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
            batch.put(name, np.arange(len(piece)), column.to_pylist())


def _flat(piece: Any) -> Any:
    """The columns with each structure taken apart, one level deep, as one structure."""
    import pyarrow as pa

    names: list[str] = []
    columns: list[Any] = []
    for name, column in zip(piece.schema.names, piece.columns, strict=True):
        inner = column.type if pa.types.is_struct(column.type) else None
        names += [f"{name}/{field.name}" for field in inner] if inner else [name]
        columns += column.flatten() if inner else [column]
    return pa.StructArray.from_arrays(columns, names)
