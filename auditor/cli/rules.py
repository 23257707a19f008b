"""`auditor rules [CODE]`."""

from __future__ import annotations

import click

from auditor.findings import RuleInfo
from auditor.plugins import load_rules
from auditor.scan.rulebook import all_infos
from auditor.selection import choose


@click.command(short_help="List the rules, or explain one.")
@click.argument("code", required=False)
def rules(code: str | None) -> None:
    """List all rules, or explain those with CODE (a code, name or code prefix)."""
    infos = all_infos(load_rules())
    if code is None:
        for info in infos.values():
            click.echo(f"{info.code}  {info.severity:<8} {info.name:<24} {info.summary}")
        return
    chosen = choose(infos, [code])
    click.echo("\n\n".join(_explained(info) for known, info in infos.items() if known in chosen))


def _explained(info: RuleInfo) -> str:
    lines = [
        f"{info.code} {info.name} ({info.severity})",
        f"  says     {info.summary}",
        f"  why      {info.why}",
        f"  do       {info.action}",
        f"  passes   {info.good}",
        f"  fails    {info.bad}",
        f"  rests on {info.evidence}",
    ]
    needs = sorted(need.name.lower().replace("_", " ") for need in info.needs)
    return "\n".join(lines + ([f"  needs    {', '.join(needs)}"] if needs else []))
