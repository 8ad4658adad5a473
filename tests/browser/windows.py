"""Windows of a browser, in which nothing may go wrong that the test has not foreseen."""

import re
from typing import Final, Literal, NamedTuple

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    ViewportSize,
)

from tests.browser.living_desk import GROUPS, LOGIN

Theme = Literal["light", "dark"]

WIDE: Final = ViewportSize(width=1280, height=800)
NARROW: Final = ViewportSize(width=400, height=800)

_GONE: Final = "net::ERR_ABORTED"
"""Of a request whose page was left: the stream of changes ends so each time."""

_PATIENCE_MILLISECONDS: Final = 15_000


class Who(NamedTuple):
    """Somebody whom the proxy has signed in."""

    login: str
    role: str


class Window:
    """A window of somebody, apart from all others.

    Attributes
    ----------
    page
        What Playwright drives.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._complaints: Final[list[str]] = []
        self._foreseen: Final[list[re.Pattern[str]]] = []
        self._context: Final = context
        self.page: Final[Page] = context.new_page()
        self.page.set_default_timeout(_PATIENCE_MILLISECONDS)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._complaints.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("requestfailed", self._failed)

    def foresee(self, pattern: str) -> None:
        """Let complaints pass in which this regular expression is found."""
        self._foreseen.append(re.compile(pattern))

    def close(self) -> list[str]:
        """Close it; return what went wrong and was not foreseen."""
        if not self.page.is_closed():
            self.page.evaluate("1")  # what the browser has said before it has reached us then
        self._context.close()
        return [
            one
            for one in self._complaints
            if not any(pattern.search(one) for pattern in self._foreseen)
        ]

    def _console(self, message: ConsoleMessage) -> None:
        # What the content policy refuses is told here as an error.
        if message.type in ("error", "warning"):
            place = message.location.get("url", "")
            self._complaints.append(f"console: {message.text} {place}".rstrip())

    def _dialog(self, dialog: Dialog) -> None:
        self._complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _failed(self, request: Request) -> None:
        if request.failure != _GONE:
            self._complaints.append(f"request: {request.url}: {request.failure}")


class Windows:
    """All windows of a test."""

    def __init__(self, browser: Browser) -> None:
        self._browser: Final = browser
        self._open: Final[list[Window]] = []

    def open(
        self,
        address: str,
        who: Who | None = None,
        *,
        theme: Theme = "light",
        size: ViewportSize = WIDE,
        language: str = "en-GB",
    ) -> Window:
        """Return a new window; addresses without a host are those of the desk at `address`.

        `who` is whom the proxy before the desk has signed in, None where there is no proxy.
        """
        headers = {} if who is None else {LOGIN: who.login, GROUPS: who.role}
        context = self._browser.new_context(
            base_url=address,
            color_scheme=theme,
            extra_http_headers=headers,
            locale=language,
            reduced_motion="reduce",
            viewport=size,
        )
        window = Window(context)
        self._open.append(window)
        return window

    def close(self) -> list[str]:
        """Close all; return what went wrong in any of them and was not foreseen."""
        found = [complaint for window in self._open for complaint in window.close()]
        self._open.clear()
        return found
