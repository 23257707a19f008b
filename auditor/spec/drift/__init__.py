"""Drift: what lies in the bucket and is not in the document, as the lines that would bring it there."""

from auditor.spec.drift.base import Base
from auditor.spec.drift.proposal import Drift, Proposal, Rows
from auditor.spec.drift.propose import propose
from auditor.spec.drift.tally import OBSERVED, Tally

__all__ = ["OBSERVED", "Base", "Drift", "Proposal", "Rows", "Tally", "propose"]
