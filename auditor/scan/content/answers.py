"""Answers from the database to the questions of content rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from auditor.protocols import ContentRule, Query
from auditor.rows.base import RowSource

Answer = Sequence[Mapping[str, Any]] | None
ByKey = Mapping[str, Answer]

MANY = "(:keys)"


class Answers:
    """Asks at most once what does not depend on the object. Each look has its own instance, so that it is fresh."""

    def __init__(self, rows: RowSource | None) -> None:
        self._rows = rows
        self._kept: dict[str, Answer] = {}
        self._lock = Lock()
        self.unanswered: set[str] = set()  # names of queries for which the database lacks a table or column

    def for_many(self, rule: ContentRule, keys: Sequence[str]) -> dict[str, ByKey]:
        """The rule's queries about many keys, each answered with one question. Raises RowsFailed."""
        return {name: self._many(name, query, keys) for name, query in rule.queries.items() if MANY in query.sql}

    def for_object(self, rule: ContentRule, key: str, many: Mapping[str, ByKey]) -> dict[str, Answer]:
        """Every query of the rule answered; None without rows or without the table. Raises RowsFailed.

        `many` is what `for_many` said of this key and others.
        """
        return {
            name: many[name].get(key) if name in many else self._answer(name, query, key)
            for name, query in rule.queries.items()
        }

    def _many(self, name: str, query: Query, keys: Sequence[str]) -> ByKey:
        if self._rows is None:
            return dict.fromkeys(keys)
        names = {f"k{number}": key for number, key in enumerate(keys)}
        places = ", ".join(f":{one}" for one in names)
        answer = self._rows.select(query.sql.replace(MANY, f"({places})"), names)
        if answer is None:
            self.unanswered.add(name)
            return dict.fromkeys(keys)
        grouped: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in answer:
            grouped[row["object_key"]].append(row)
        return {key: grouped.get(key, []) for key in keys}

    def _answer(self, name: str, query: Query, key: str) -> Answer:
        if self._rows is None:
            return None
        own = ":key" in query.sql
        answer = self._rows.select(query.sql, {"key": key}) if own else self._shared(self._rows, query.sql)
        if answer is None:
            self.unanswered.add(name)
        return answer

    def _shared(self, rows: RowSource, sql: str) -> Answer:
        with self._lock:
            if sql not in self._kept:
                self._kept[sql] = rows.select(sql)
            return self._kept[sql]
