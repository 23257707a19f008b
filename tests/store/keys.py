"""Keys that a bucket can hold and that tools have tripped over."""

from __future__ import annotations

from hypothesis import strategies as st

HOSTILE = [
    "a//b",
    "/leading",
    "./a",
    "a/../b",
    "a b",
    "a%2Fb",
    "a%2fb",
    "a+b",
    "a%b",
    "%",
    "%zz",
    "line\nbreak",
    "carriage\rreturn",
    "tab\t",
    "\x01\x1b[2J\x7f",
    "trailing/",
    "trailing//",
    " ",
    "+",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "a&amp;b&lt;&quot;",
    "</Key><Key>",
    "<!--",
    "<![CDATA[x]]>",
    "]]>",
    "'\"`",
    "Contents",
    "é",
    "e\u0301",
    "\u0085\u2028\u2029",
    "\ufeffbom",
    "\ufffd",
    "\ufffe\uffff",
    "\ud7ff\ue000",
    "\U00010000\U0010ffff",
    "日本語/キー",
    "😀" * 256,
    "x" * 1024,
    "é" * 512,
    "?a=b#c",
    "~*()!'",
    "a\\b",
]

# Everything that is UTF-8 and not NUL, which HTTP servers refuse; half of it where the trouble is.
_characters = st.one_of(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    st.sampled_from("%+ /&<>\"'\n\r\t\x01=.-~*é\u2028\ufffd\ufffe😀"),
)
key_texts = st.text(_characters, min_size=1, max_size=40).filter(lambda key: len(key.encode()) <= 1024)
