"""The command line: parse, call, print, exit. Nothing else in the project prints or exits.

Data goes to standard output, everything else to standard error. Exit codes: 0 nothing at or above `--fail-on`,
1 findings, 2 could not start, 3 incomplete.
"""

from __future__ import annotations

from pathlib import Path

import click

from auditor import __version__
from auditor.cli.asking.cost import cost
from auditor.cli.asking.findings import findings
from auditor.cli.asking.objects import objects
from auditor.cli.asking.tree import tree
from auditor.cli.baseline import baseline
from auditor.cli.config import config as config_group
from auditor.cli.diff import diff
from auditor.cli.explain import explain
from auditor.cli.failures import AuditorGroup
from auditor.cli.keys import check_keys
from auditor.cli.plan import plan
from auditor.cli.report import report
from auditor.cli.rules import rules
from auditor.cli.scan import scan
from auditor.cli.settings import name_environment, settings_options, use_settings
from auditor.cli.spec import spec
from auditor.cli.trace import trace
from auditor.cli.verify import verify


@click.group(cls=AuditorGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="bucket-auditor")
@settings_options
@click.pass_context
def main(context: click.Context, config: Path | None, isolated: bool) -> None:
    """fsck for a bucket: audits every object against the key specification and the database. It only reads.

    Every option of every command can be set in auditor.toml, too, and by the environment: auditor config show.
    """
    use_settings(context, config, isolated)


for command in (scan, check_keys, explain, spec, rules, report, baseline, diff, trace, plan, verify):
    main.add_command(command)
for command in (objects, findings, tree, cost):
    main.add_command(command)
main.add_command(config_group)
name_environment(main)
