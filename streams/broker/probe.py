"""Asks a broker a few questions before any client does, to say at once why it refuses.

The clients try again and again when a broker hangs up on them, and end in a timeout that names no
cause: TLS where there is none, none where there is, a certificate of an unknown authority, a user
where none is asked for, a wrong password (kafka-python 3.0.12 reads the refusal and the hanging up
behind it in one, and forgets the first). The questions are old and do not change: ApiVersions (0),
SaslHandshake (1), SaslAuthenticate (0) and Metadata (1).
"""

import socket
import ssl
import struct
from contextlib import closing
from typing import Final

from kafka.net.sasl import get_sasl_mechanism

from streams.broker.security import BrokerSecurity
from streams.config.host import variable
from streams.errors import BrokerRefused

_API_VERSIONS: Final = 18
_METADATA: Final = 3
_SASL_HANDSHAKE: Final = 17
_SASL_AUTHENTICATE: Final = 36
_UNSUPPORTED_SASL_MECHANISM: Final = 33
_ILLEGAL_SASL_STATE: Final = 34

_TLS_ALERT: Final = 0x15
_LARGEST_ANSWER: Final = 1 << 20
_CLIENT: Final = b"aboveboard-probe"

_NAME_MISMATCHES: Final = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of OpenSSL."""

_OUTSIDE_ITS_TIME: Final = (9, 10)
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


def probe(host: str, port: int, security: BrokerSecurity, seconds: float) -> None:
    """Return if a broker answers there as these settings ask for.

    Raises
    ------
    OSError
        If nothing answers within `seconds` a question.
    BrokerRefused
        If something answers otherwise.
    """
    with closing(socket.create_connection((host, port), seconds)) as plain:
        if security.context is None:
            _ask(plain, security)
        else:
            with closing(_enciphered(plain, host, security.context)) as connection:
                _ask(connection, security)


def _enciphered(plain: socket.socket, host: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise BrokerRefused(
            f"its certificate cannot be trusted ({error.verify_message}). "
            f"{_remedy_of_certificate(error.verify_code)}"
        ) from error
    except (ssl.SSLError, ConnectionError) as error:
        if _wants_certificate(error):
            raise _own_certificate_refused(error) from error
        raise BrokerRefused(
            f"it does not speak TLS as we do ({_reason(error)}). Give the port on which it does, "
            f"or set {variable('security_protocol')} to SASL_PLAINTEXT or PLAINTEXT"
        ) from error


def _remedy_of_certificate(code: int) -> str:
    if code in _NAME_MISMATCHES:
        return (
            f"Call it by the name in its certificate, in {variable('broker')}, or set "
            f"{variable('ssl_check_hostname')}=false if any broker with a certificate of that "
            "authority will do"
        )
    if code in _OUTSIDE_ITS_TIME:
        return "It must be renewed where the broker runs, unless the clock is wrong here"
    return (
        f"Name the certificate of the authority that vouches for it in {variable('ssl_cafile')}, "
        "as PEM"
    )


def _ask(connection: socket.socket, security: BrokerSecurity) -> None:
    try:
        answer = _answer(connection, _API_VERSIONS, 0, b"", security)
        if security.uses_sasl:
            _ask_mechanism(connection, security)
            _name_user(connection, security)
        elif _knows_metadata_1(answer):
            _answer(connection, _METADATA, 1, struct.pack(">i", 0), security)
    except struct.error as error:
        raise _no_broker() from error


def _knows_metadata_1(answer: bytes) -> bool:
    """Return whether an answer to ApiVersions (0) lists Metadata (1)."""
    return any(
        key == _METADATA and low <= 1 <= high
        for key, low, high in struct.iter_unpack(">hhh", answer[6 : 6 + (len(answer) - 6) // 6 * 6])
    )


def _ask_mechanism(connection: socket.socket, security: BrokerSecurity) -> None:
    mechanism = (security.mechanism or "").encode()
    question = struct.pack(">h", len(mechanism)) + mechanism
    answer = _answer(connection, _SASL_HANDSHAKE, 1, question, security)
    (code,) = struct.unpack_from(">h", answer)
    if code == _UNSUPPORTED_SASL_MECHANISM:
        offered = ", ".join(_strings(answer[2:])) or "none"
        raise BrokerRefused(
            f"it does not offer {security.mechanism}; it offers {offered}. Choose one of them in "
            f"{variable('sasl_mechanism')}"
        )
    if code == _ILLEGAL_SASL_STATE:
        without = "SSL" if security.uses_tls else "PLAINTEXT"
        raise BrokerRefused(
            "it does not ask for a user on this port. Give the port on which it does, or set "
            f"{variable('security_protocol')}={without} and remove the settings of the user"
        )


def _name_user(connection: socket.socket, security: BrokerSecurity) -> None:
    exchange = get_sasl_mechanism(security.mechanism)(**security.for_kafka_python())
    while not exchange.is_done():
        token: bytes = exchange.auth_bytes()
        question = struct.pack(">i", len(token)) + token
        answer = _answer(connection, _SASL_AUTHENTICATE, 0, question, security)
        code, length = struct.unpack_from(">hh", answer)
        said = answer[4 : 4 + max(length, 0)].decode(errors="replace")
        if code:
            if not said or security.password.reveal() in said:
                said = f"error {code}"
            raise BrokerRefused(
                f"it refuses user or password ({said}). Look at "
                f"{variable('sasl_username')}, {variable('sasl_mechanism')} and "
                f"{variable('sasl_password')} or {variable('sasl_password_file')}"
            )
        try:
            exchange.receive(answer[4 + max(length, 0) + 4 :])
        except (ValueError, KeyError):
            # Without its cause, which may hold what was exchanged.
            raise BrokerRefused(
                "it does not know the password itself, so it may not be the broker it says it is. "
                f"Look at {variable('broker')} and who runs there"
            ) from None


def _answer(
    connection: socket.socket, key: int, version: int, question: bytes, security: BrokerSecurity
) -> bytes:
    """Send a request; return the answer without its header."""
    header = struct.pack(">hhih", key, version, 0, len(_CLIENT)) + _CLIENT
    try:
        connection.sendall(struct.pack(">i", len(header) + len(question)) + header + question)
        size = _receive(connection, 4)
        if size[:2] == bytes((_TLS_ALERT, 3)):
            raise _hung_up(security, key)
        (length,) = struct.unpack(">i", size)
        if not 0 <= length <= _LARGEST_ANSWER:
            raise _no_broker()
        return _receive(connection, length)[4:]
    except (ssl.SSLError, ConnectionError, EOFError) as error:
        if _wants_certificate(error):
            raise _own_certificate_refused(error) from error
        raise _hung_up(security, key) from error


def _receive(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _strings(text: bytes) -> list[str]:
    """Read an array of strings."""
    (count,) = struct.unpack_from(">i", text)
    found, position = [], 4
    for _ in range(count):
        (length,) = struct.unpack_from(">h", text, position)
        end = position + 2 + max(length, 0)
        found.append(text[position + 2 : end].decode(errors="replace"))
        position = end
    return found


def _no_broker() -> BrokerRefused:
    return BrokerRefused("what answers is no Kafka broker. Look at address and port")


def _hung_up(security: BrokerSecurity, key: int) -> BrokerRefused:
    name = variable("security_protocol")
    if key == _METADATA:
        with_user = "SASL_SSL" if security.uses_tls else "SASL_PLAINTEXT"
        return BrokerRefused(
            f"it hangs up on clients that name no user. Set {name}={with_user}, and user and "
            "password, unless it is stopping just now"
        )
    if security.uses_tls:
        return BrokerRefused(
            "it hangs up. If it is starting or stopping just now, try again. If it asks for a "
            "certificate of ours, name it in "
            f"{variable('ssl_certfile')} and {variable('ssl_keyfile')}"
        )
    with_tls = "SASL_SSL" if security.uses_sasl else "SSL"
    return BrokerRefused(
        f"it hangs up. Set {name}={with_tls} if it speaks TLS there; try again if it is starting "
        "or stopping just now; else it may be no Kafka broker"
    )


def _wants_certificate(error: Exception) -> bool:
    """Return whether the peer has refused us by an alert about our certificate."""
    reason = str(getattr(error, "reason", None) or "").upper()
    return "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason)


def _own_certificate_refused(error: Exception) -> BrokerRefused:
    return BrokerRefused(
        f"it asks for a certificate of ours that it trusts ({_reason(error)}). Name one in "
        f"{variable('ssl_certfile')} and {variable('ssl_keyfile')}"
    )


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason).lower().replace("_", " ") if reason else "it hung up"
