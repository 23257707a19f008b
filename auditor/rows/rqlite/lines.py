"""A page in the form of `statements.RqliteSql`, read into Arrow columns without a Python object for each value."""

from __future__ import annotations

from binascii import unhexlify

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from auditor.errors import RowsFailed
from auditor.frames import plain
from auditor.rows.columns import RAW
from auditor.rows.rqlite.answer import Result
from auditor.rows.rqlite.statements import NULL

_TYPES = {field.name: pa.string() if pa.types.is_binary(field.type) else field.type for field in RAW}


def raw_page(result: Result) -> pa.Table:
    """RAW from the answer to `RqliteSql.whole_page` or `rows_of`, in the order in which it came. Raises RowsFailed."""
    try:
        ((count, text),) = result.values
        raw = _table(text) if count else RAW.empty_table()
    except (pa.ArrowException, ValueError, TypeError, AttributeError) as error:
        raise RowsFailed("a page of rows came in a form that cannot be read") from error
    if raw.num_rows != count:
        raise RowsFailed(f"{raw.num_rows} rows came and {count} were counted")
    return raw


def key_of(result: Result) -> bytes | None:
    """The key that a border or a cut names; None if there is none."""
    try:
        return bytes.fromhex(result.values[0][0]) if result.values else None
    except (ValueError, TypeError, IndexError) as error:
        raise RowsFailed("the end of a page came in a form that cannot be read") from error


def number_of(result: Result) -> int:
    """The one integer of an answer."""
    match result.values:
        case [[int(value)]]:
            return value
    raise RowsFailed("a number was asked for and did not come")


def _table(text: str) -> pa.Table:
    body = pa.py_buffer(text.encode())
    table = pacsv.read_csv(
        pa.BufferReader(body),
        read_options=pacsv.ReadOptions(column_names=RAW.names, block_size=body.size + 1, use_threads=False),
        parse_options=pacsv.ParseOptions(quote_char=False, ignore_empty_lines=False),
        convert_options=pacsv.ConvertOptions(column_types=_TYPES, null_values=[NULL], strings_can_be_null=True),
    )
    return pa.Table.from_arrays([_bytes(plain(column)) for column in table.columns], schema=RAW)


def _bytes(column: pa.Array) -> pa.Array:
    """Hexadecimal digits to what they stand for, all at once; a column of numbers as it is."""
    if not pa.types.is_string(column.type):
        return column
    validity, offsets, digits = column.buffers()
    ends = np.frombuffer(offsets, np.int32, len(column) + 1)
    if (ends % 2).any():
        raise ValueError("an odd number of digits")
    data = pa.py_buffer(unhexlify(memoryview(digits or b"")[: ends[-1]]))
    return pa.Array.from_buffers(pa.binary(), len(column), [validity, pa.py_buffer(ends // 2), data])
