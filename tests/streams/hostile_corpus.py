"""Records as no source should send them, and what must become of each."""

from typing import Final, NamedTuple

APPLIED: Final = "applied"


class Hostile(NamedTuple):
    """A record, and the reason for which it is refused, or `APPLIED`."""

    name: str
    record: bytes
    fate: str


def sale(**changes: str) -> bytes:
    """Return a sale as JSON; `changes` are fields as written in JSON, "" leaves one out."""
    fields = {
        "type": '"sale"',
        "event_id": '"e-1"',
        "account_id": '"a-1"',
        "occurred_at": '"2025-03-01T12:00:00Z"',
        "sale_id": '"s-1"',
        "customer_id": '"c-1"',
        "agent_id": '"agent-1"',
        "product": '"card"',
        "amount": "12.5",
    } | changes
    inside = ",".join(f'"{name}":{value}' for name, value in fields.items() if value)
    return f"{{{inside}}}".encode()


TEN_MEGABYTES: Final = 10_000_000

CORPUS: Final = (
    Hostile("an ordinary sale", sale(), APPLIED),
    Hostile("with spaces around and a carriage return", b"  " + sale() + b" \r", APPLIED),
    Hostile("unknown fields", sale(shoe_size='{"left":[43,44]}'), APPLIED),
    Hostile("the largest float", sale(amount="1.7976931348623157e308"), APPLIED),
    Hostile("a NUL in an id", sale(account_id='"a\\u00001"'), "invalid_field"),
    Hostile("a terminal command in an id", sale(agent_id='"\\u001b[2J[bold]"'), "invalid_field"),
    Hostile("a version this engine knows", sale(schema_version="1"), APPLIED),
    Hostile("truncated", sale()[:-20], "not_json"),
    Hostile("two objects", sale() + sale(), "not_json"),
    Hostile("not JSON at all", b"sale;2025-03-01;12,50", "not_json"),
    Hostile("NaN", sale(amount="NaN"), APPLIED),
    Hostile("infinity", sale(amount="Infinity"), APPLIED),
    Hostile("a number beyond floats", sale(amount="1e999"), APPLIED),
    Hostile("invalid UTF-8", sale(product='"caf\x00"').replace(b"\x00", b"\xe9"), "invalid_field"),
    Hostile("UTF-16", sale().decode().encode("utf-16"), "not_json"),
    Hostile("half a surrogate pair", sale(account_id='"\\ud800"'), "invalid_field"),
    Hostile("a control character", sale(product='"\x01"'), "invalid_field"),
    Hostile("deep nesting", sale(extra="[" * 30_000 + "]" * 30_000), "not_json"),
    Hostile("deep nesting alone", b"[" * 60_000, "not_json"),
    Hostile("a list", b"[" + sale() + b"]", "invalid_field"),
    Hostile("null", b"null", "invalid_field"),
    Hostile("a number", b"17", "invalid_field"),
    Hostile("no type", sale(type=""), "invalid_field"),
    Hostile("an unknown type", sale(type='"refund"'), "invalid_field"),
    Hostile("a type that is none", sale(type="1"), "invalid_field"),
    Hostile("an unknown version", sale(schema_version="2"), "invalid_field"),
    Hostile("a version in words", sale(schema_version='"1"'), APPLIED),
    Hostile("a missing field", sale(product=""), "invalid_field"),
    Hostile("a missing customer", sale(customer_id=""), APPLIED),
    Hostile("a null field", sale(account_id="null"), "invalid_field"),
    Hostile("a number as id", sale(account_id="1"), APPLIED),
    Hostile("an empty id", sale(account_id='""'), "invalid_field"),
    Hostile("an endless id", sale(account_id=f'"{"a" * 300}"'), "invalid_field"),
    Hostile("a text as amount", sale(amount='"12.5"'), APPLIED),
    Hostile("a negative amount", sale(amount="-0.01"), APPLIED),
    Hostile("a whole number beyond floats", sale(amount="9" * 400), APPLIED),
    Hostile("a time without offset", sale(occurred_at='"2025-03-01T12:00:00"'), "invalid_field"),
    Hostile("a date", sale(occurred_at='"2025-03-01"'), APPLIED),
    Hostile("a time as number", sale(occurred_at="1740830400"), APPLIED),
    Hostile("the 30th of February", sale(occurred_at='"2025-02-30T12:00:00Z"'), "invalid_field"),
    Hostile("a bidirectional control in an id", sale(agent_id='"a\\u202eb"'), "invalid_field"),
    Hostile("a second text in tags", sale(product='"a\U000e0041"'), "invalid_field"),
    Hostile("half a character where nobody reads", sale(interaction_reason='"\\ud83d"'), APPLIED),
    Hostile("a tab where nobody reads", sale(interaction_reason='"a\tb"'), APPLIED),
    Hostile("a list where nobody reads", sale(channel="[]", sentiment="{}"), APPLIED),
    Hostile("year 1", sale(occurred_at='"0001-01-01T00:00:00Z"'), "impossible_time"),
    Hostile("year 1, east", sale(occurred_at='"0001-01-01T00:00:00+14:00"'), "impossible_time"),
    Hostile("year 9999", sale(occurred_at='"9999-12-31T23:59:59Z"'), "impossible_time"),
    Hostile("year 9999, west", sale(occurred_at='"9999-12-31T23:59:59-14:00"'), "impossible_time"),
    Hostile("ten megabytes", sale(extra=f'"{"x" * TEN_MEGABYTES}"'), "too_large"),
    Hostile("ten megabytes of noise", b"\xff" * TEN_MEGABYTES, "too_large"),
)
