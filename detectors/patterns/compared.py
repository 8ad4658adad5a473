"""With whom a pattern compares agents, and groups, in words."""

from collections.abc import Sequence

from detectors.basis.identifiers import GroupKind


def other_groups(kind: GroupKind, cell: Sequence[str]) -> str:
    """Return whom a group is compared with, where `cell` are fields of the sale."""
    return f"all other {kind}s, by " + " and ".join(group_cell(cell))


def group_cell(cell: Sequence[str]) -> tuple[str, ...]:
    """Return the fields by which groups are compared: a group has no tenure."""
    return tuple(name for name in cell if name != "tenure") or ("all sales",)


def other_sellers(fields: Sequence[str]) -> str:
    """Return whom an agent is compared with, in cells of some fields."""
    return "all other sellers, by " + " and ".join(fields)
