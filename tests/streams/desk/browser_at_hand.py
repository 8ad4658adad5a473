"""A browser as far as login needs one: it keeps cookies and follows links, and runs nothing."""

import re
from html import unescape
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from tests.streams.desk.desk_at_hand import Answer, Headers, ask

HTML: Final = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")
_MOST_HOPS: Final = 12


class BrowserAtHand:
    """Keeps the cookies of each address, as they were set.

    Attributes
    ----------
    jar
        Names and values of cookies, by address.
    at
        Where it is.
    """

    def __init__(self) -> None:
        self.jar: Final[dict[str, dict[str, str]]] = {}
        self.at = ""

    def ask(self, address: str, headers: Headers = (), body: bytes | None = None) -> Answer:
        """Return the answer to one request, and keep its cookies."""
        parts = urlsplit(address)
        place = f"{parts.scheme}://{parts.netloc}"
        cookies = self.jar.setdefault(place, {})
        line = "; ".join(f"{name}={value}" for name, value in cookies.items())
        said = [*headers, *([("Cookie", line)] if line else [])]
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        self.at = address
        answer = ask(place, path, [HTML, *said], body=body)
        for line in answer.cookies:  # as browsers do: quotes are part of a value
            pair, *rules = line.split("; ")
            name, _, value = pair.partition("=")
            cookies[name] = value
            if "Max-Age=0" in rules or not value:
                del cookies[name]
        return answer

    def open(self, address: str) -> Answer:
        """Return the answer to a link, with every redirection followed."""
        return self._led_on(self.ask(address))

    def _led_on(self, answer: Answer) -> Answer:
        for _ in range(_MOST_HOPS):
            if answer.status not in (302, 303):
                return answer
            answer = self.ask(urljoin(self.at, answer.headers["location"]))
        raise AssertionError(f"led on and on, to {self.at}")

    def send(self, address: str, **fields: str) -> Answer:
        """Return the answer to a form."""
        return self.ask(address, [FORM], urlencode(fields).encode())

    def fill_in(self, answer: Answer, **fields: str) -> Answer:
        """Return the answer to the first form of a page that is sent by POST, filled in so."""
        form = re.search(
            r"<form[^>]*method=\"post\".*?</form>", answer.body.decode(), re.DOTALL | re.IGNORECASE
        )
        assert form is not None, answer.body
        action = re.search(r'action="([^"]+)"', form[0])
        assert action is not None, form[0]
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0])
        place = urljoin(self.at, unescape(action[1]))
        return self._led_on(self.send(place, **{**dict(hidden), **fields}))

    def follow(self, answer: Answer, label: str) -> Answer:
        """Return the answer to the link of this label on a page."""
        found = re.search(rf'href="([^"]+)"[^>]*>{label}</a>', answer.body.decode())
        assert found is not None, answer.body
        return self.open(urljoin(self.at, unescape(found[1])))


def token_in(answer: Answer) -> str:
    """Return the token that the forms of a page bring."""
    found = re.search(r'name="token" value="([0-9a-f]+)"', answer.body.decode())
    assert found is not None, answer.body
    return found[1]
