"""Another table of a real server, found by one of its columns."""

from __future__ import annotations

import pyarrow as pa
import pytest

from auditor.errors import CannotStart
from auditor.rows import RowTable
from auditor.scan.elsewhere import keyed
from auditor.scan.present import looked_up, present
from tests.rows.server.making import DATABASE, make_table, opened
from tests.servers.databases import DatabaseServer

pytestmark = pytest.mark.server


def test_its_keys_are_compared_by_their_bytes(server: DatabaseServer) -> None:
    make_table(server)
    uids = ["a", "b ", "é", *(f"u{number:04}" for number in range(1_000))]
    server.execute(
        DATABASE,
        "DROP TABLE IF EXISTS owners_of_uids",
        f"CREATE TABLE owners_of_uids (uid {server.text} UNIQUE, ends DOUBLE PRECISION, size BIGINT)",
    )
    rows = [{"uid": uid, "ends": 1.5, "size": 7} for uid in uids]
    server.execute(DATABASE, "INSERT INTO owners_of_uids VALUES (%(uid)s, %(ends)s, %(size)s)", rows=rows)
    wanted = pa.array(sorted([*uids, "A", "b", "e\u0301", "U0001", "it's"], key=str.encode))
    with opened(server) as source:
        owners = source.other(keyed("owners_of_uids", "uid"))
        for way in (present, looked_up):
            assert sorted(way(owners, wanted).to_pylist()) == sorted(uids)
        timed = source.other(keyed("owners_of_uids", "uid", created_at="ends")).lookup(["a"])
        assert timed["created_at"].cast(pa.int64()).to_pylist() == [1_500_000]
        query = 'SELECT o."uid" AS "key", o."size" - 2 AS "size" FROM "owners_of_uids" AS o'
        sized = source.other(RowTable("", "key", "", "size", "", "", query=query)).lookup(["a", "A"])
        assert sized.select(["key", "size"]).to_pylist() == [{"key": "a", "size": 5}]
        for lacking in (keyed("nowhere", "uid"), keyed("owners_of_uids", "nothing")):
            with pytest.raises(CannotStart, match="lacks table"):
                source.other(lacking)
        assert source.count() == 0  # the connections are the source's own, and still there
