"""TLS and user for the broker, in one file for every Kafka client there is.

Secrets go to the clients and to nothing else: messages name the variable, never its value.
"""

import logging
import ssl
from pathlib import Path
from typing import Any, Final, Self

from msgspec import Struct

from detectors.basis.errors import InvalidSettings
from streams.config.host import HostSettings, SaslMechanism, SecurityProtocol, variable
from streams.config.secret import Secret

_OF_TLS: Final = ("ssl_cafile", "ssl_certfile", "ssl_keyfile", "ssl_key_password")
_OF_SASL: Final = ("sasl_mechanism", "sasl_username", "sasl_password", "sasl_password_file")

_DUMPING_LOGGERS: Final = ("kafka.net.connection", "kafka.protocol", "aiokafka.conn")
"""Write every request as it is when they are at DEBUG, the one with the password too."""

_log: Final = logging.getLogger("aboveboard.broker")


class BrokerSecurity(Struct, frozen=True, kw_only=True):
    """What a client must know beside the address.

    Attributes
    ----------
    protocol
        As Kafka names it.
    context
        What TLS trusts and shows; None without TLS. Clients and threads may share it.
    mechanism, username, password
        Who we are; None and empty without SASL.
    """

    protocol: SecurityProtocol = "PLAINTEXT"
    context: ssl.SSLContext | None = None
    mechanism: SaslMechanism | None = None
    username: str = ""
    password: Secret = Secret()

    @classmethod
    def of(cls, host: HostSettings) -> Self:
        """Return what the settings ask for; reads the files that they name.

        Warns of a password that would travel in clear text.

        Raises
        ------
        InvalidSettings
            Settings are missing, contradict each other, or name a file that cannot be used.
        """
        tls, sasl = _has_tls(host.security_protocol), _has_sasl(host.security_protocol)
        if not tls:
            _refuse_unused(host, _OF_TLS, "SSL or SASL_SSL")
        if not sasl:
            _refuse_unused(host, _OF_SASL, "SASL_SSL or SASL_PLAINTEXT")
        context = _tls_context(host) if tls else None
        if not sasl:
            return cls(protocol=host.security_protocol, context=context)
        if host.sasl_mechanism is None:
            raise _missing(host, "sasl_mechanism", "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
        password = _password(host)
        _refuse_unusable_user(host)
        _silence_dumps()
        if host.sasl_mechanism == "PLAIN" and not tls:
            _log.warning(
                "the password travels to the broker in clear text: set %s=SASL_SSL, or a SCRAM "
                "mechanism in %s",
                variable("security_protocol"),
                variable("sasl_mechanism"),
            )
        return cls(
            protocol=host.security_protocol,
            context=context,
            mechanism=host.sasl_mechanism,
            username=host.sasl_username,
            password=password,
        )

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return _has_tls(self.protocol)

    @property
    def uses_sasl(self) -> bool:
        """Whether the client names a user."""
        return _has_sasl(self.protocol)

    def for_kafka_python(self) -> dict[str, Any]:
        """Return the arguments for any client of kafka-python. They hold the password."""
        arguments: dict[str, Any] = {"security_protocol": self.protocol}
        if self.uses_tls:
            arguments["ssl_context"] = self.context
        if self.uses_sasl:
            arguments |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password.reveal(),
            }
        return arguments

    def for_aiokafka(self) -> dict[str, Any]:
        """Return the arguments for any client of aiokafka. They hold the password."""
        return self.for_kafka_python()

    def for_faust(self) -> dict[str, Any] | None:
        """Return the arguments of Faust's credentials, which hold the password; None without any.

        With SASL they are those of ``faust.SASLCredentials``, else of ``faust.SSLCredentials``.
        """
        if self.uses_sasl:
            return {
                "username": self.username,
                "password": self.password.reveal(),
                "mechanism": self.mechanism,
                "ssl_context": self.context,
            }
        return {"context": self.context} if self.uses_tls else None


OPEN: Final = BrokerSecurity()
"""No TLS and no user: what Kafka speaks by default."""


def _has_tls(protocol: str) -> bool:
    return protocol in ("SSL", "SASL_SSL")


def _has_sasl(protocol: str) -> bool:
    return protocol in ("SASL_PLAINTEXT", "SASL_SSL")


def _refuse_unused(host: HostSettings, fields: tuple[str, ...], needed: str) -> None:
    """Raise for settings that would do nothing: whoever made them believes to be protected."""
    for field in fields:
        if getattr(host, field):
            raise InvalidSettings(
                f"{variable(field)} is set, but {variable('security_protocol')} is "
                f"{host.security_protocol}, which does not use it: set that to {needed}, or remove "
                "this"
            )


def _missing(host: HostSettings, field: str, what: str) -> InvalidSettings:
    return InvalidSettings(
        f"{variable('security_protocol')} is {host.security_protocol}, which needs "
        f"{variable(field)}: set it to {what}"
    )


def _refuse_unusable_user(host: HostSettings) -> None:
    if not host.sasl_username:
        raise _missing(host, "sasl_username", "the name of the user")
    if host.sasl_mechanism != "PLAIN" and set(host.sasl_username) & set(",="):
        # The mechanism has escapes for them, which the clients do not write.
        raise InvalidSettings(
            f"{variable('sasl_username')} holds a comma or an equals sign, which the mechanism "
            f"{host.sasl_mechanism} cannot carry here: use a user without them, or PLAIN"
        )


def _password(host: HostSettings) -> Secret:
    name, file_name = variable("sasl_password"), variable("sasl_password_file")
    if host.sasl_password and host.sasl_password_file is not None:
        raise InvalidSettings(f"the password is given twice, in {name} and {file_name}: remove one")
    if host.sasl_password_file is None:
        if not host.sasl_password:
            raise _missing(
                host, "sasl_password", f"the password, or {file_name} to a file that holds it"
            )
        return host.sasl_password
    text = _text_of(host.sasl_password_file, file_name).removesuffix("\n").removesuffix("\r")
    if not text or "\0" in text or "\n" in text:
        raise InvalidSettings(
            f"{file_name}: {host.sasl_password_file} is not one line with a password: write it "
            "there and nothing else"
        )
    return Secret(text)


def _text_of(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise _unreadable(name, path, error) from None
    except UnicodeDecodeError:  # whose message would show a part of the file
        raise InvalidSettings(f"{name}: {path} is no text: save it as UTF-8") from None


def _tls_context(host: HostSettings) -> ssl.SSLContext:
    for field in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
        path: Path | None = getattr(host, field)
        if path is not None:
            _require_readable(path, variable(field))
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=host.ssl_cafile)
    except ssl.SSLError:
        raise InvalidSettings(
            f"{variable('ssl_cafile')}: {host.ssl_cafile} holds no certificate: name a file with "
            "the certificates of the authorities to trust, as PEM"
        ) from None
    context.check_hostname = host.ssl_check_hostname
    if host.ssl_certfile is not None:
        _show_certificate(context, host.ssl_certfile, host)
    elif host.ssl_keyfile is not None or host.ssl_key_password:
        given = "ssl_key_password" if host.ssl_keyfile is None else "ssl_keyfile"
        raise InvalidSettings(
            f"{variable(given)} is set without {variable('ssl_certfile')}: name the certificate "
            "that belongs to the key"
        )
    return context


def _show_certificate(context: ssl.SSLContext, certfile: Path, host: HostSettings) -> None:
    key_file = certfile if host.ssl_keyfile is None else host.ssl_keyfile
    try:
        # Always given, since OpenSSL would ask the terminal for it.
        context.load_cert_chain(certfile, host.ssl_keyfile, host.ssl_key_password.reveal)
    except (ssl.SSLError, ValueError):  # ValueError: the password is longer than OpenSSL can take
        raise InvalidSettings(
            f"{variable('ssl_certfile')} and {variable('ssl_keyfile')}: {certfile} and {key_file} "
            "are not a certificate and its key, as PEM. If the key is enciphered, give its "
            f"password in {variable('ssl_key_password')}"
        ) from None


def _require_readable(path: Path, name: str) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise _unreadable(name, path, error) from None


def _unreadable(name: str, path: Path, error: OSError) -> InvalidSettings:
    return InvalidSettings(f"{name}: {path}: {error.strerror}; name a file that this user can read")


def _silence_dumps() -> None:
    """Keep requests out of the log, whatever level the loggers have otherwise."""
    for name in _DUMPING_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Says for every connection what is said once above.
    logging.getLogger("kafka.net.sasl").setLevel(logging.ERROR)
