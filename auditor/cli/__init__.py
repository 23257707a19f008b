"""The command line: parse, call, print, exit. Nothing else in the project prints or exits.

Data goes to standard output, everything else to standard error. Exit codes: 0 nothing at or above `--fail-on`,
1 findings, 2 could not start, 3 incomplete.
"""

from __future__ import annotations

import click

from auditor import __version__
from auditor.cli.explain import explain
from auditor.cli.failures import AuditorGroup
from auditor.cli.keys import check_keys
from auditor.cli.plan import plan
from auditor.cli.report import report
from auditor.cli.rules import rules
from auditor.cli.scan import scan
from auditor.cli.spec import spec
from auditor.cli.verify import verify


@click.group(cls=AuditorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="bucket-auditor")
def main() -> None:
    """fsck for a bucket: audits every object against the key specification and the database. It only reads."""


for command in (scan, check_keys, explain, spec, rules, report, plan, verify):
    main.add_command(command)
