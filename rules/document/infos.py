"""The records of the rules about the document."""

from __future__ import annotations

from auditor.findings import Need, RuleInfo, RuleKind, Severity
from auditor.spec import FaultCode

OVERLAP = RuleInfo(
    code="DOC001",
    name="overlapping-templates",
    severity=Severity.WARNING,
    kind=RuleKind.DOCUMENT,
    summary="One key fits two templates, or can be read in two ways by one.",
    why="Whoever reads such a key cannot tell what it is. Precedence decides where it can, perhaps not as the writer"
    " meant it; where it cannot, the object belongs to no family and is audited by no rule.",
    action="Give the fields kinds in the bindings that keep the templates apart, or change a literal; put a literal"
    " between fields that touch.",
    good="logs/{day}.txt and logs/{day}.csv",
    bad="audio/{uid}/hls/{name}.ts and audio/originals/{uid}/{name}: audio/originals/hls/a.ts fits both",
)
DUPLICATE = RuleInfo(
    code=FaultCode.DUPLICATE.value,
    name=FaultCode.DUPLICATE.rule,
    severity=Severity.ERROR,
    kind=RuleKind.DOCUMENT,
    summary="The same template twice, or twice but for the names of its fields.",
    why="Every key of the one is a key of the other, so the document says two things about each, and no run can start.",
    action="Remove one of the two list items, or make the templates differ in a literal.",
    good="logs/{day}.txt and logs/{day}.csv",
    bad="logs/{day}.txt and logs/{date}.txt",
)
MISNAMED = RuleInfo(
    code=FaultCode.MISNAMED.value,
    name=FaultCode.MISNAMED.rule,
    severity=Severity.ERROR,
    kind=RuleKind.DOCUMENT,
    summary="The bindings name a template, field, kind, row policy, root, table or column that cannot be.",
    why="What the bindings were meant to say about a family is not said, so its keys and rows would be judged by less"
    " than the team believes. No run starts.",
    action="Correct the name; the message has the nearest one that exists.",
    good='the template logs/{day}.txt, and [templates."logs/{day}.txt"] with fields = { day = "int" }',
    bad='the template logs/{day}.txt, and [templates."logs/{date}.txt"]; fields = { day = "integer" }',
)
EMPTY = RuleInfo(
    code="DOC004",
    name="template-without-objects",
    severity=Severity.INFO,
    kind=RuleKind.RUN,
    summary="No object of the bucket has a key of this template.",
    why="Either nobody writes such objects any more and the document is out of date, or the keys have moved on and lie"
    " among the unknown ones.",
    action="Look for the objects among KEY001 and KEY002; if there are none, remove the list item from the document.",
    good="s3_files/uploads/{uid}/{part}, and at least one object with such a key",
    bad="s3_files/thumbnails/{uid}.png, in a bucket without any key that begins with s3_files/thumbnails/",
    needs=frozenset({Need.FULL_SCAN}),
)
UNMANAGED = RuleInfo(
    code="DOC005",
    name="unmanaged-family",
    severity=Severity.WARNING,
    kind=RuleKind.DOCUMENT,
    summary="Nothing says whether the objects of a family need rows.",
    why="Orphans of such a family are never found: its objects are of the class `unmanaged`, whatever rows there are.",
    action='Say rows = "required" or rows = "none" for the template in the bindings.',
    good='[templates."logs/{day}.txt"] with rows = "none"',
    bad='[templates."logs/{day}.txt"] with fields alone, or no table for the template at all',
)
MARKUP = RuleInfo(
    code="DOC006",
    name="doubtful-markup",
    severity=Severity.INFO,
    kind=RuleKind.DOCUMENT,
    summary="Something in the document looks like a template, a field or a link to a table, and is not written as one.",
    why="A list item without a colon is passed over, so its keys would be unknown; a placeholder of another syntax is"
    " literal text, so no key fits. A path in brackets is understood all the same.",
    action="Write it as the message says, or leave it if it means what it says.",
    good="- `logs/{day}.txt`: one line for each request, see [requests](../db/requests.md)",
    bad="- `logs/<day>.txt` - one line for each request, see [../db/requests.md]",
)
UNREADABLE = RuleInfo(
    code=FaultCode.UNREADABLE.value,
    name=FaultCode.UNREADABLE.rule,
    severity=Severity.ERROR,
    kind=RuleKind.DOCUMENT,
    summary="The document or the bindings cannot be understood.",
    why="Without a grammar there is nothing to compare a bucket with. No run starts.",
    action="Correct what stands above the caret; all faults of both files are shown at once.",
    good="- `logs/{day}.txt`: one line for each request",
    bad="- `logs/{day.txt`: a brace that is not closed",
)
