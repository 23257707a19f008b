"""Rows of a rqlite cluster, over HTTP.

`address` reads the URL, `node` sends one request to one node, `cluster` fails over and waits, `statements` has the SQL,
`answer` and `lines` take answers apart, `questions` answers content rules, and `source` is the `RowSource`.
"""

from auditor.rows.rqlite.address import parse_address
from auditor.rows.rqlite.source import RqliteRows

__all__ = ["RqliteRows", "parse_address"]
