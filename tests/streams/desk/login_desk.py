"""A desk at which people log in, over an issuer at hand."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from streams.access.code_flow import Client, CodeFlow
from streams.access.doors import door_of
from streams.access.issuer import Issuer
from streams.access.roles import role_map
from streams.access.session_door import SessionDoor
from streams.access.sessions import Sessions
from streams.access.tokens import TokenDoor
from streams.config.desk import DeskSettings
from streams.demo.ports import free_port
from tests.streams.access.issuer_at_hand import AUDIENCE
from tests.streams.access.login_at_hand import CLIENT, SECRET, LoginAtHand
from tests.streams.desk.desk_at_hand import DeskAtHand

IDLE: Final = 1_800.0
LONGEST: Final = 43_200.0


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def login_desk(
    issuer: LoginAtHand,
    clock: Callable[[], float],
    tokens: type[TokenDoor] = TokenDoor,
    sessions: type[Sessions] = Sessions,
    *,
    secure: bool = False,
) -> Iterator[DeskAtHand]:
    """Yield a desk that knows people by a login at this issuer."""
    port = free_port()
    asked = Issuer(issuer.address, ssl.create_default_context(), 5.0)
    client = Client(CLIENT, SECRET, f"http://127.0.0.1:{port}/login/return", "openid profile")
    claims = ("preferred_username", "roles", role_map(""))
    door = SessionDoor(
        TokenDoor(asked, AUDIENCE, *claims),
        sessions(IDLE, LONGEST, clock),
        CodeFlow(asked, tokens(asked, CLIENT, *claims), client),
        secure=secure,
    )
    with DeskAtHand(door, challenge="Bearer", port=port) as desk:
        yield desk


@contextmanager
def desk_at_provider(
    issuer: str, client_id: str, secret: Path, port: int, **more: str
) -> Iterator[DeskAtHand]:
    """Yield a desk as its settings make it, at which people log in over a provider."""
    settings = DeskSettings(
        desk_mode="oidc",
        desk_oidc_issuer=issuer,
        desk_oidc_audience=AUDIENCE,
        desk_oidc_client_id=client_id,
        desk_oidc_client_secret_file=secret,
        desk_oidc_address=f"http://127.0.0.1:{port}",
    )
    settings = msgspec.structs.replace(settings, **more)
    with DeskAtHand(door_of(settings), settings, challenge="Bearer", port=port) as desk:
        yield desk
