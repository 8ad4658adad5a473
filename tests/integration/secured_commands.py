"""Commands on a secured Kafka as processes: what they are told, how they end."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from streams.config.host import PREFIX
from tests.brokers.secured_kafka import SecuredKafka
from tests.brokers.wire_security import KEY_PASSWORD, OTHER_PASSWORD, PASSWORD, USER
from tests.integration.installation import COMMAND
from tests.logged_process import Ending

SECONDS = 30.0
"""What no command may take here, however busy the machine is."""

SECRETS = (PASSWORD, OTHER_PASSWORD, KEY_PASSWORD)
WRONG_PASSWORD = "Wr0ng-2f6b"  # noqa: S105 - it opens nothing

COMMANDS = (
    ["topics"],
    ["replay", os.devnull],
    ["alerts", "list"],
    ["alerts", "decide", "id", "note", "words"],
    ["dead-letters", "list"],
    ["worker", "--metrics-port", "0"],
)
ONE_COMMAND = COMMANDS[:1]
"""Enough for what all of them ask in one place."""


def user_of(
    secured: SecuredKafka, mechanism: str = "SCRAM-SHA-512", **others: str
) -> dict[str, str]:
    return {
        "broker": secured.sasl_ssl,
        "security_protocol": "SASL_SSL",
        "ssl_cafile": str(secured.certificates.authority),
        "sasl_mechanism": mechanism,
        "sasl_username": USER,
        "sasl_password": PASSWORD,
        **others,
    }


def run(settings: Mapping[str, str], *words: str) -> Ending:
    """Run a command to its end; it shows no secret, whatever it is."""
    inherited = {name: os.environ[name] for name in os.environ if not name.startswith(PREFIX)}
    ours = {PREFIX + name.upper(): value for name, value in settings.items()}
    answer = subprocess.run(
        [COMMAND, *words],
        env=inherited | ours,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    for secret in (*SECRETS, WRONG_PASSWORD):
        assert secret not in answer.stdout
    return Ending(answer.returncode, answer.stdout)


def assert_refused(
    settings: Mapping[str, str], *said: str, commands: Sequence[list[str]] = ONE_COMMAND
) -> None:
    """Check that the commands end by themselves, with one sentence that says all of this."""
    for words in commands:
        ending = run(settings, *words)
        assert ending.code == 2, ending.log
        last = ending.log.splitlines()[-1]
        assert last.startswith(f"aboveboard {words[0]}: "), ending.log
        assert "Traceback" not in ending.log
        for part in said:
            assert part in last, words
