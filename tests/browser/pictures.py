"""Writes a picture of every page of the desk, light, dark and narrow: ``make pictures-desk``."""

import io
import shutil
import sys
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright

from tests.browser.centre import APPROVER, centre, decided, ids_in, this_moment
from tests.browser.living_desk import LivingDesk, behind_a_proxy
from tests.browser.pages import PAGES, PROBLEM, show
from tests.browser.windows import NARROW, WIDE, Theme, Who, Windows

FOLDER: Final = Path(__file__).parent.parent.parent / "docs" / "pictures" / "desk"

LARGEST: Final = 150_000
"""Bytes: a picture is for a page of documentation."""

_COLOURS: Final = 96
"""Text on plain ground needs no more."""

_LONGEST: Final = 1_400
"""Pixels from above: what is further down of a long page looks as what stands above."""

_CALM_MILLISECONDS: Final = 300

_ANYBODY: Final = Who(APPROVER, "approver")
FORMS: Final[Mapping[str, tuple[Theme, ViewportSize]]] = {
    "light": ("light", WIDE),
    "dark": ("dark", WIDE),
    "narrow": ("light", NARROW),
}


def small(png: bytes) -> bytes:
    """Return a picture with few colours, cut off below."""
    with Image.open(io.BytesIO(png)) as picture:
        cut = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, _LONGEST)))
        written = io.BytesIO()
        few = cut.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(written, "PNG", optimize=True)
    return written.getvalue()


def main() -> int:
    """Write all of them; 1 if one is too large, or a page complains."""
    now = this_moment()
    shown = centre(now.date())
    ids = ids_in(shown.alerts)
    found = 0
    FOLDER.mkdir(exist_ok=True)
    decisions = decided(shown.alerts, now)
    with (
        LivingDesk(behind_a_proxy(), shown.alerts, decisions, shown.events) as desk,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        windows = Windows(browser)
        opened = {
            form: windows.open(desk.address, _ANYBODY, theme=theme, size=size)
            for form, (theme, size) in FORMS.items()
        }
        for (name, address), (form, window) in product(PAGES.items(), opened.items()):
            window.foresee(PROBLEM)
            show(window.page, address.format(**ids))
            window.page.wait_for_timeout(_CALM_MILLISECONDS)
            content = small(window.page.screenshot(full_page=True))
            (FOLDER / f"{name}-{form}.png").write_bytes(content)
            found += len(content) > LARGEST
            print(f"{name}-{form}.png {len(content):,} bytes", flush=True)  # noqa: T201 - a command says what it did
        for complaint in windows.close():
            print(complaint)  # noqa: T201 - as above
            found += 1
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
