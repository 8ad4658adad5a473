"""A figure is a file of the promised kind and size, and the same one every time."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.lines import Line2D
from msgspec import structs

from detectors.alerts.alert import Subject
from streams.errors import InvalidPlot
from streams.explain.chart import EvidenceChart
from streams.explain.figure import HEIGHT, WIDTH, figure_of, write_figure
from streams.explain.figure_file import figure_writer
from streams.explain.figure_theme import THEMES
from tests.streams.explain.agent_course import (
    FIRST,
    THRESHOLD,
    change,
    chart_of,
    open_chart,
    revision,
)

SVG = "{http://www.w3.org/2000/svg}"


def drawn(path: Path, chart: EvidenceChart | None = None) -> bytes:
    figure_writer(path)(open_chart() if chart is None else chart)
    return path.read_bytes()


def pixels(png: bytes) -> tuple[int, int]:
    """Check every part of a PNG by its sum, and give width and height."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, kinds = 8, []
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        part = png[place + 4 : place + 8 + length]
        assert png[place + 8 + length :][:4] == struct.pack(">I", zlib.crc32(part))
        kinds.append(part[:4])
        place += 12 + length
    assert (kinds[0], kinds[-1]) == (b"IHDR", b"IEND")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def across(line: Line2D) -> list[float]:
    return [float(value) for value in np.asarray(line.get_xdata())]


def upwards(line: Line2D) -> list[float]:
    return [float(value) for value in np.asarray(line.get_ydata())]


def test_a_png_has_the_promised_size(tmp_path: Path) -> None:
    assert pixels(drawn(tmp_path / "figure.PNG")) == (WIDTH, HEIGHT)


def test_an_svg_is_well_formed_and_has_the_same_shape(tmp_path: Path) -> None:
    root = ElementTree.fromstring(drawn(tmp_path / "figure.svg"))  # noqa: S314 - written by ourselves
    assert root.tag == f"{SVG}svg"
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert width / height == pytest.approx(WIDTH / HEIGHT)


@pytest.mark.parametrize("name", ["figure.svg", "figure.png"])
def test_the_same_chart_gives_the_same_bytes_whatever_the_user_has_set(
    tmp_path: Path, name: str
) -> None:
    first = drawn(tmp_path / name)
    with mpl.rc_context({"font.size": 20.0, "savefig.dpi": 50, "axes.facecolor": "black"}):
        assert drawn(tmp_path / name) == first
        assert mpl.rcParams["font.size"] == 20.0


@pytest.mark.parametrize("name", THEMES)
def test_everything_can_be_read_on_the_paper_of_its_theme(name: str) -> None:
    theme = THEMES[name]
    for colour in (theme.ink, theme.muted, theme.curve, theme.alarm, theme.start, theme.cleared):
        assert contrast(colour, theme.paper) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as accessibility guidelines (WCAG) define it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255.0 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_theme_changes_colours_and_nothing_else(tmp_path: Path) -> None:
    light, dark = tmp_path / "light.svg", tmp_path / "dark.svg"
    figure_writer(light)(open_chart())
    figure_writer(dark, "dark")(open_chart())
    assert light.read_bytes() != dark.read_bytes()
    assert shapes(light) == shapes(dark)


def shapes(path: Path) -> list[str | None]:
    root = ElementTree.parse(path).getroot()  # noqa: S314 - written by ourselves
    return [element.get("d") for element in root.iter(f"{SVG}path")]


@pytest.mark.parametrize("name", ["figure.svg", "figure.png"])
def test_a_figure_carries_no_date(tmp_path: Path, name: str) -> None:
    picture = drawn(tmp_path / name)
    assert b"date>" not in picture
    assert b"tIME" not in picture


def test_it_shows_the_evidence_with_its_threshold_start_and_marks() -> None:
    chart = open_chart()
    evidence, counts = figure_of(chart).axes
    curve = evidence.lines[0]
    assert across(curve) == [point.day for point in chart.points]
    assert upwards(curve) == [point.evidence for point in chart.points]
    assert evidence.get_yscale() == "log"
    assert any(set(upwards(line)) == {THRESHOLD} for line in evidence.lines)
    for axes in (evidence, counts):
        assert any(set(across(line)) == {FIRST + 60} for line in axes.lines)
    said = {text.get_text() for text in evidence.texts}
    assert {"1 opened", "2 critical", "warning from 73,000 on"} <= said
    assert any("most likely start" in text for text in said)


def test_it_adds_up_what_was_observed_and_expected() -> None:
    chart = open_chart()
    _, counts = figure_of(chart).axes
    observed, expected = counts.lines[:2]
    assert upwards(observed) == [point.bad for point in chart.points]
    assert upwards(expected) == [point.expected for point in chart.points]


@pytest.mark.parametrize("agent_id", ["a$b$ \\frac{", "\u5f20\u4f1f", "\x1b[31mred", "<&>"])
def test_any_name_of_an_agent_can_be_drawn(tmp_path: Path, agent_id: str) -> None:
    chart = open_chart()
    alert = structs.replace(chart.alert, subject=Subject("agent", agent_id))
    picture = drawn(tmp_path / "figure.svg", chart._replace(alert=alert))
    assert ElementTree.fromstring(picture) is not None  # noqa: S314 - written by ourselves


def test_a_single_day_and_crowded_marks_can_be_drawn(tmp_path: Path) -> None:
    one = chart_of(change(0, 1), [revision(1, 0, "warning", "open", 0)], 1)
    told = [revision(n + 1, 60 + n, "warning", "open", 60) for n in range(12)]
    heap = [revision(n + 1, 60, "warning", "open", 60) for n in range(30)]
    crowds = [chart_of(change(50, 100), crowd, 100) for crowd in (told, heap)]
    for chart in (one, *crowds):
        assert pixels(drawn(tmp_path / "figure.png", chart)) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("name", ["figure.pdf", "figure", "svg", "figure.png.txt"])
def test_another_ending_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(InvalidPlot, match=r"ends in \.svg or \.png"):
        figure_writer(Path(name))


def test_a_folder_that_does_not_exist_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_figure(open_chart(), tmp_path / "nowhere" / "figure.svg")


WITHOUT_MATPLOTLIB = """
import sys
from importlib.abc import MetaPathFinder

class Uninstalled(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Uninstalled())
from streams.cli.main import main
sys.exit(main(["explain", "0" * 24, "missing.jsonl", *sys.argv[1:]]))
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plot", "figure.svg"], "pip install 'aboveboard[plot]'"),
        ([], "missing.jsonl: No such file"),
    ],
    ids=["asked for a figure", "not asked"],
)
def test_matplotlib_is_needed_for_a_figure_only(words: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_MATPLOTLIB, *words],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_display_is_asked_for(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from streams.explain.figure import write_figure\n"
        "from tests.streams.explain.agent_course import open_chart\n"
        f"write_figure(open_chart(), Path({str(tmp_path / 'figure.png')!r}))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        env={"PATH": "", "PYTHONPATH": ":".join(sys.path), "HOME": str(tmp_path)},
    )
    assert pixels((tmp_path / "figure.png").read_bytes()) == (WIDTH, HEIGHT)
