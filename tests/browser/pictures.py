"""Writes a picture of every page of the desk, light, dark and narrow: ``make pictures-desk``."""

import io
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright

from tests.browser.centre import APPROVER, centre, decided, this_moment
from tests.browser.living_desk import LivingDesk, behind_a_proxy
from tests.browser.windows import NARROW, WIDE, Theme, Who, Windows
from tests.streams.desk.test_pages import PAGES

FOLDER: Final = Path(__file__).parent.parent.parent / "docs" / "pictures" / "desk"

LARGEST: Final = 150_000
"""Bytes: a picture is for a page of documentation."""

_COLOURS: Final = 96
"""Text on plain ground needs no more."""

_LONGEST: Final = 1_400
"""Pixels from above: what is further down of a long page looks as what stands above."""

_ANYBODY: Final = Who(APPROVER, "approver")
_FORMS: Final[Mapping[str, tuple[Theme, ViewportSize]]] = {
    "light": ("light", WIDE),
    "dark": ("dark", WIDE),
    "narrow": ("light", NARROW),
}


def addresses(case_id: str, pages: Sequence[str] = PAGES) -> Iterator[tuple[str, str]]:
    """Yield a name for every page, and its address where a page is about one case."""
    for page in pages:
        parts = page.partition("?")[0].strip("/").split("/")
        if parts[0] == "cases" and len(parts) > 1:
            parts = ["case", case_id, *parts[2:]]
            page = f"/cases/{'/'.join(parts[1:])}"  # noqa: PLW2901 - the same page, of another case
        yield "-".join(part for part in parts if part != case_id), page


def small(png: bytes) -> bytes:
    """Return a picture with few colours, cut off below."""
    with Image.open(io.BytesIO(png)) as picture:
        cut = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, _LONGEST)))
        written = io.BytesIO()
        few = cut.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(written, "PNG", optimize=True)
    return written.getvalue()


def main() -> int:
    """Write all of them; 1 if one is too large."""
    now = this_moment()
    shown = centre(now.date())
    worst = next(one for one in shown.alerts[::-1] if one.severity == "critical")
    found = 0
    with (
        LivingDesk(
            behind_a_proxy(), shown.alerts, decided(shown.alerts, now), shown.events
        ) as desk,
        sync_playwright() as playwright,
    ):
        case = desk.model.alert(worst.alert_id)
        assert case is not None
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        windows = Windows(browser)
        FOLDER.mkdir(exist_ok=True)
        for form, (theme, size) in _FORMS.items():
            page = windows.open(desk.address, _ANYBODY, theme=theme, size=size).page
            for name, address in addresses(case.row.case_id):
                page.goto(address)
                page.wait_for_timeout(300)
                content = small(page.screenshot(full_page=True))
                (FOLDER / f"{name}-{form}.png").write_bytes(content)
                print(f"{name}-{form}.png {len(content):,} bytes")  # noqa: T201 - a command says what it did
                found += len(content) > LARGEST
        for complaint in windows.close():
            print(complaint)  # noqa: T201 - as above
            found += 1
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
