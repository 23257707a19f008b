"""The page in Chromium: its script runs, hostile keys do nothing, and nothing is asked of any network."""

from __future__ import annotations

import html
import os
import re
import shutil
import signal
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.html import HtmlReport
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.nights import history_run, hostile_history_run
from tests.reports.sample import SampleRun, hostile_findings, many_findings, sample_run
from tests.reports.test_html import Page
from tests.scanning import auditor

BROWSER = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=3000",
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed"),
]


class Proxy(socketserver.ThreadingTCPServer):
    """Stands for the whole network: answers nothing and remembers who was asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ask)
        self.asked: list[str] = []


class _Ask(socketserver.StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline().decode("latin-1"))


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def opened(address: str, tmp_path: Path, proxy: Proxy, *flags: str) -> tuple[str, str]:
    """The page's DOM after its scripts have run, and what the browser logged."""
    command = [
        str(BROWSER),
        *FLAGS,
        *flags,
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--proxy-server=http://127.0.0.1:{proxy.server_address[1]}",
        "--proxy-bypass-list=<-loopback>",
        "--dump-dom",
        address,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            return process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def written(run: SampleRun, folder: Path) -> str:
    path = folder / "report.html"
    path.write_text("".join(HtmlReport().render(run)), encoding="utf-8")
    return path.as_uri()


def rows(dom: str) -> list[str]:
    return re.findall(r"<tr>.*?</tr>", dom[dom.index('id="findings"') : dom.index('id="data"')], re.DOTALL)[1:]


def test_the_script_shows_one_page_of_ten_thousand(tmp_path: Path, proxy: Proxy) -> None:
    dom, log = opened(written(sample_run(many_findings()), tmp_path), tmp_path, proxy)
    assert len(rows(dom)) == 100
    assert "1 to 100 of 10,000</output>" in dom
    assert '<form id="controls">' in dom
    assert "REF003" in rows(dom)[0]
    assert not re.findall(r"CONSOLE.*", log)


@pytest.mark.parametrize(
    ("hash_", "status", "first"),
    [
        ("rule=REF001&family=images%2Fexports&severity=warning&sort=-size", "1 to 100 of 596", "q7Jx0a_0013.webp"),
        ("q=Q7JX0A_0042&sort=-key&page=999", "1 to 6 of 6", "oseh_ife_0000000000000000000527/"),
        ("rule=REF001&q=nothing+has+this", "Nothing matches.", None),
    ],
)
def test_the_address_filters_sorts_and_turns_pages(
    hash_: str, status: str, first: str | None, tmp_path: Path, proxy: Proxy
) -> None:
    dom, _ = opened(f"{written(sample_run(many_findings(600)), tmp_path)}#{hash_}", tmp_path, proxy)
    assert f"{status}</output>" in dom
    shown = rows(dom)
    assert bool(shown) == (first is not None)
    assert first is None or first in shown[0]


@pytest.mark.parametrize(
    ("hash_", "status", "states"),
    [
        ("", "1 to 12 of 12", ["new"] * 3 + ["fixed"] * 2 + ["known"] * 7),
        ("state=new", "1 to 3 of 3", ["new"] * 3),
        ("state=fixed&rule=EMB002", "1 to 1 of 1", ["fixed"]),
        ("state=suppressed", "1 to 1 of 1", ["suppressed"]),
        ("state=any&sort=state", "1 to 13 of 13", ["suppressed"] + ["known"] * 7 + ["fixed"] * 2 + ["new"] * 3),
        ("state=known&sort=-key", "1 to 7 of 7", ["known"] * 7),
    ],
)
def test_the_new_ones_come_first_and_the_suppressed_ones_when_asked_for(
    hash_: str, status: str, states: list[str], tmp_path: Path, proxy: Proxy
) -> None:
    dom, log = opened(f"{written(history_run(), tmp_path)}#{hash_}", tmp_path, proxy)
    assert f"{status}</output>" in dom
    assert re.findall(r'<span class="state (\w+)">', "".join(rows(dom))) == states
    assert "all but suppressed</option>" in dom
    assert "known (7)</option>" in dom
    assert ("suppressed: builds are kept here" in dom[: dom.index('id="data"')]) == ("suppressed" in states)
    assert not re.findall(r"CONSOLE.*", log)


def test_without_a_history_there_is_nothing_to_choose(tmp_path: Path, proxy: Proxy) -> None:
    dom, log = opened(f"{written(sample_run(), tmp_path)}#state=new", tmp_path, proxy)
    assert 'id="state"' not in dom
    assert "1 to 11 of 11</output>" in dom
    assert not re.findall(r"CONSOLE.*", log)


def test_hostile_keys_and_reasons_do_nothing_in_any_state(tmp_path: Path, proxy: Proxy) -> None:
    dom, log = opened(f"{written(hostile_history_run(), tmp_path)}#state=any", tmp_path, proxy)
    assert "<title>audit of s3://oseh</title>" in dom
    assert f"1 to {2 * len(HOSTILE_KEYS)} of {2 * len(HOSTILE_KEYS)}</output>" in dom
    assert keys_shown(dom) == keys_shown((tmp_path / "report.html").read_text("utf-8"))
    assert not re.findall(r"CONSOLE.*", log)
    assert "img" not in {tag for tag, _ in Page(dom).elements}
    assert not [line for line in proxy.asked if "evil.invalid" in line]


MEASURED = """
<script id="measure">document.title = [...document.querySelectorAll("svg.railroad-diagram")].map((svg) => {
  const box = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("rect + text")].map((text) => text.getBBox().width <= text.previousSibling.getBBox().width);
  return svg.checkVisibility() && box.width > 100 && box.height > 40 && texts.length > 0 && texts.every(Boolean) ? "good" : "bad";
}).join(" ");</script>
"""  # noqa: E501


def measured(text: str) -> str:
    """The page without its policy and with a script of ours, which writes into the title what it measures."""
    return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text) + MEASURED


def test_a_link_unfolds_the_diagram_of_a_family(tmp_path: Path, proxy: Proxy) -> None:
    address = written(sample_run(), tmp_path)
    (tmp_path / "report.html").write_text(measured((tmp_path / "report.html").read_text("utf-8")), encoding="utf-8")
    dom, log = opened(f"{address}#family-3", tmp_path, proxy)
    folded = [attributes for tag, attributes in Page(dom).elements if tag == "details"]
    assert [attributes["id"] for attributes in folded if "open" in attributes] == ["family-3"]
    title = re.findall("<title>(.*?)</title>", dom)[0].split()
    assert len(title) == 16
    assert [place for place, said in enumerate(title, 1) if said == "good"] == [3]
    assert not re.findall(r"CONSOLE.*", log)


def test_the_page_of_the_specification_shows_every_diagram_and_complains_of_nothing(
    tmp_path: Path, proxy: Proxy
) -> None:
    path = tmp_path / "key-specification.html"
    assert auditor("spec", "diagram", "--out", str(path)).exit_code == 0
    dom, log = opened(path.as_uri(), tmp_path, proxy)
    assert dom.count("<svg") == 16
    assert not re.findall(r"CONSOLE.*|Content Security Policy", log)
    path.write_text(measured(path.read_text("utf-8")), encoding="utf-8")
    dom, _ = opened(path.as_uri(), tmp_path, proxy)
    assert re.findall("<title>(.*?)</title>", dom) == [" ".join(["good"] * 16)]


def test_hostile_keys_do_nothing_and_read_the_same_with_the_script_as_without(tmp_path: Path, proxy: Proxy) -> None:
    address = written(sample_run(hostile_findings()), tmp_path)
    dom, log = opened(address, tmp_path, proxy)
    keys = keys_shown(dom)
    assert "<title>audit of s3://oseh</title>" in dom
    assert f"1 to {len(keys)} of {len(keys)}</output>" in dom
    assert len(keys) == len(HOSTILE_KEYS)
    assert keys == keys_shown((tmp_path / "report.html").read_text("utf-8"))
    assert not re.findall(r"CONSOLE.*", log)
    assert "img" not in {tag for tag, _ in Page(dom).elements}
    assert not [line for line in proxy.asked if "evil.invalid" in line]


def keys_shown(text: str) -> list[str]:
    return [html.unescape(key) for key in re.findall(r'<bdi class="key">(.*?)</bdi>', text, re.DOTALL)]


def test_a_script_that_is_not_ours_is_refused(tmp_path: Path, proxy: Proxy) -> None:
    """The proof that the checks above can fail: the same page with a script and a picture let in."""
    address = written(sample_run(hostile_findings()), tmp_path)
    path = tmp_path / "report.html"
    broken = "<script>document.title='owned'</script><img src='http://evil.invalid/pixel.png'>"
    guarded = path.read_text("utf-8").replace("<main>", f"<main>{broken}")
    path.write_text(guarded, encoding="utf-8")
    dom, log = opened(address, tmp_path, proxy)
    assert "<title>audit of s3://oseh</title>" in dom
    assert "Content Security Policy" in log
    assert not [line for line in proxy.asked if "evil.invalid" in line]

    path.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", guarded), encoding="utf-8")
    dom, _ = opened(address, tmp_path, proxy)
    assert "<title>owned</title>" in dom
    assert [line for line in proxy.asked if "evil.invalid" in line]
