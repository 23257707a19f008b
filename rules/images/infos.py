"""What the four rules say about themselves."""

from __future__ import annotations

from auditor.findings import RuleInfo, RuleKind, Severity

_AGAIN = "Make the export again from its original; restore an original from wherever it came from."

INFOS: tuple[RuleInfo, ...] = (
    RuleInfo(
        code="IMG001",
        name="image-signature",
        severity=Severity.ERROR,
        kind=RuleKind.CONTENT,
        summary="The first bytes do not fit the extension in the key or the row's content type, or are no image.",
        why="Who asks for a picture by its format gets something else, or nothing that a browser can show.",
        action="Find out what the file is and who wrote it. " + _AGAIN,
        good=r"an export that ends in .png and begins with \x89PNG; an original in any image format",
        bad="an export that ends in .webp and holds a JPEG; an original that is an error page; an empty file",
    ),
    RuleInfo(
        code="IMG002",
        name="image-dimensions",
        severity=Severity.WARNING,
        kind=RuleKind.CONTENT,
        summary="The row says another size in pixels than the image has.",
        why="Clients choose an export by the size in its row: what they get is scaled, cropped or blurred.",
        action="Compare the export's row with its file, and make the export again if the file is the wrong one.",
        good="image_file_exports says 390 x 844, and the file's header says 390 x 844",
        bad="image_file_exports says 390 x 844, and the file is 342 x 72",
    ),
    RuleInfo(
        code="IMG003",
        name="svg-unsafe",
        severity=Severity.WARNING,
        kind=RuleKind.CONTENT,
        summary="An SVG is not well-formed, or it runs scripts, fetches from elsewhere or declares entities that grow.",
        why="An SVG that is opened by itself is a web page: its scripts run in the name of the site that serves it.",
        action="Open it in a drawing program and save it as plain SVG, or remove what is named.",
        good='<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>',
        bad='<svg onload="…">; <script>; <image href="https://…">; <!ENTITY a SYSTEM "file:///etc/passwd">',
    ),
    RuleInfo(
        code="IMG004",
        name="image-damaged",
        severity=Severity.ERROR,
        kind=RuleKind.CONTENT,
        summary="An image is cut off, has a wrong checksum inside, or cannot be decoded.",
        why="It has the right beginning, so nothing else notices; people see half a picture, noise or none.",
        action=_AGAIN,
        good="a PNG whose chunks have the CRCs that they state, up to IEND",
        bad="a JPEG without an end; a PNG with one flipped bit; a WebP shorter than its header says",
    ),
)
