"""IMG003: an SVG that is opened by itself is a web page."""

from __future__ import annotations

import tracemalloc

import pytest

from auditor.protocols import Depth
from rules.images import svg
from rules.images.rule import HEAD, SVG_AT_HEADERS
from tests.rules.pictures import export, original

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
DTD = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"'


def drawn(inner: str, before: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>{before}{OPEN}{inner}</svg>'.encode()


SAFE = {
    "path": drawn('<path d="M0 0h9v9z" fill="url(#paint)" style="stroke: url( \'#paint\' )"/>'),
    "document type": drawn("<g/>", DTD + ">"),
    "drawing program": drawn('<g id="a"/>', f'{DTD} [<!ENTITY ns_svg "http://www.w3.org/2000/svg">]>'),
    "picture within": drawn('<image href="data:image/png;base64,iVBORw0KGgo="/><use xlink:href="#a"/>'),
    "link": drawn('<a href="https://example.com/"><text>javascript: the good parts</text></a>'),
    "font": drawn("<style>@font-face{src:url(data:font/woff2;base64,d09G)} .a{fill:url(#b)}</style>"),
    "words": drawn('<text aria-label="about javascript: and url schemes">on top</text>'),
    "utf-16": drawn("<g/>").decode().replace("utf-8", "utf-16").encode("utf-16"),
    "prefix": b'<s:svg xmlns:s="http://www.w3.org/2000/svg"/>',
    "no namespace": b"<svg/>",
}
UNSAFE = {
    "script element": ("script", drawn("<script>alert(1)</script>")),
    "html script": ("script", drawn('<script xmlns="http://www.w3.org/1999/xhtml"/>')),
    "script address": ("script", drawn('<a href=" java&#10;script:alert(1)"><g/></a>')),
    "animated script": ("script", drawn('<set attributeName="href" values="#a;JavaScript:x()"/>')),
    "handler": ("event-handler", drawn('<g onClick="x()"/>')),
    "default handler": ("event-handler", drawn("<g/>", f'{DTD} [<!ATTLIST svg onload CDATA "x()">]>')),
    "external picture": ("external-reference", drawn('<image xlink:href="https://example.com/a.png"/>')),
    "relative use": ("external-reference", drawn('<use href="other.svg#a"/>')),
    "style import": ("external-reference", drawn('<style>a{} @import "x.css";</style>')),
    "style address": ("external-reference", drawn('<g style="fill: url( &quot;//example.com/a#b&quot; )"/>')),
    "second address": ("external-reference", drawn("<style>a{fill:url(#a)} b{fill:url(http://x/)}</style>")),
    "iframe": ("external-reference", drawn('<iframe xmlns="http://www.w3.org/1999/xhtml" src="#"/>')),
    "style sheet": ("external-reference", drawn("<g/>", '<?xml-stylesheet href="a.css"?>')),
    "external entity": ("entity", drawn("&a;", '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>')),
    "parameter entity": ("entity", drawn("", '<!DOCTYPE svg [<!ENTITY % a "b">]>')),
    "nested entity": ("entity", drawn("&b;", '<!DOCTYPE svg [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>')),
    "long entity": ("entity", drawn("&a;", f'<!DOCTYPE svg [<!ENTITY a "{"x" * 300}">]>')),
    "deep": ("depth", drawn("<g>" * 2_000 + "</g>" * 2_000)),
    "cut off": ("not-well-formed", drawn("<g/>")[:-9]),
    "two roots": ("not-well-formed", drawn("<g/>") + b"<svg/>"),
    "unbound prefix": ("not-well-formed", drawn("<x:g/>")),
    "no encoding": ("not-well-formed", drawn("<g/>").replace(b"utf-8", b"no-such")),
    "undefined entity": ("not-well-formed", drawn("&nbsp;")),
}


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("name", SAFE)
def test_what_drawing_programs_write_is_safe(name: str, depth: Depth) -> None:
    assert export("svg", depth).messages(SAFE[name]) == []


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("name", UNSAFE)
def test_what_runs_or_fetches_is_told(name: str, depth: Depth) -> None:
    subject, body = UNSAFE[name]
    assert [(one.code, one.subject) for one in export("svg", depth).judge(body)] == [("IMG003", subject)]
    assert [one.code for one in original(depth).judge(body)] == ["IMG003"]


def test_each_sort_of_fault_is_said_once_and_with_its_line() -> None:
    body = drawn('\n<script/><g onclick="a"/>\n<g onclick="b"/><image href="a\x1b.png"/>'.replace("\x1b", "é"))
    assert export("svg").messages(body) == [
        "The SVG has a script element (line 2).",
        "The SVG has onclick on g, which runs a script (line 2).",
        "The SVG refers to aé.png in image (line 3).",
    ]


def test_another_root_is_no_svg() -> None:
    for body in (b'<?xml version="1.0"?><html/>', b"<?xml version='1.0'?><svg xmlns='urn:x'/>"):
        assert [problem.code for problem in original().judge(body)] == ["IMG001"]


def test_a_longer_svg_is_fetched_whole_once() -> None:
    body = drawn("<g/>" * 3_000 + "<script/>")
    bench = export("svg", Depth.HEADERS)
    assert (len(body) > HEAD, bench.codes(body), bench.fetched) == (True, ["IMG003"], [(0, len(body))])
    bench = export("svg", Depth.HEADERS)
    assert (bench.codes(body.ljust(SVG_AT_HEADERS + 1)), bench.fetched) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        drawn(
            "&l9;", "<!DOCTYPE svg [" + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
        ),
        drawn("&a;" * 200_000, f'<!DOCTYPE svg [<!ENTITY a "{"x" * 250}">]>'),
        drawn(f'<g id="{"&a;" * 40_000}"/>', f'<!DOCTYPE svg [<!ENTITY a "{"x" * 250}">]>'),
        drawn("<g>" * 500_000),
        drawn("<style>" + "<!---->x" * 100_000 + "</style>"),
        drawn("<g " + " ".join(f'a{n}=""' for n in range(20_000)) + "/>"),
        drawn(f"<!--{'-x' * 1_000_000}-->"),
    ],
    ids=["laughs", "quadratic", "attribute", "deep", "pieces", "attributes", "token"],
)
def test_a_hostile_svg_costs_little(body: bytes) -> None:
    tracemalloc.start()
    try:
        svg.faults(body)
        assert tracemalloc.get_traced_memory()[1] < 160 << 20
    finally:
        tracemalloc.stop()


def test_what_is_beyond_the_limit_is_not_parsed() -> None:
    body = drawn("<script/>").ljust(svg.BYTES + 1)
    assert export("svg").codes(body) == []
