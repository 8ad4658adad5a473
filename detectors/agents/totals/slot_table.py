"""Slots by agent and node, found and made in compiled code: a table of places with open addressing.

The place of a pair follows from both numbers; where another pair is, the next place is looked at.
Two pairs never share a slot: both numbers are compared.
"""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Integers, SmallIntegers
from detectors.evidence.compilation import compiled
from detectors.peers.leave_one_out import NO_SLOT

_PAIR, _SLOT = range(2)

_NODE: Final = 0xFFFFFFFF
"""The part of a pair that is the node."""

_FIRST: Final = 0x9E3779B1
_SECOND: Final = 0x85EBCA77
"""Odd numbers: they send neighbours to places far apart."""


class Arrays(NamedTuple):
    """What is known of each slot, and how it is found."""

    row: Integers
    """(room,): the agent."""
    node: Integers
    """(room,): the node of the cell."""
    paths: SmallIntegers
    """(room, depths): the agent's slots from the root down to this one, then `NO_SLOT`."""
    places: Integers
    """(places, 2): both numbers of a pair in one, and the slot, `NO_SLOT` where there is none."""


def empty_places(room: int) -> Integers:
    """Return the places for so many slots; at most three in four are ever taken."""
    places = np.zeros((1 << (4 * room // 3).bit_length(), 2), np.int64)
    places[:, _SLOT] = NO_SLOT
    return places


@compiled
def _pair(row: int, node: int) -> int:
    """Return one number for a pair; both are below 2^31, as there is a slot for each."""
    return (row << 32) | node


@compiled
def _place(places: Integers, row: int, node: int) -> int:
    """Return the place of a pair, or the free one where it belongs."""
    last, pair = places.shape[0] - 1, _pair(row, node)
    number = row * _FIRST + node * _SECOND
    place: int = (number ^ (number >> 15)) & last
    while places[place, _SLOT] != NO_SLOT and places[place, _PAIR] != pair:
        place = (place + 1) & last
    return place


@compiled
def _move(places: Integers, more: Integers) -> None:
    for old in range(places.shape[0]):
        if places[old, _SLOT] != NO_SLOT:
            pair = places[old, _PAIR]
            more[_place(more, pair >> 32, pair & _NODE)] = places[old]


def moved_places(places: Integers, room: int) -> Integers:
    """Return the places for more slots, those of `places` among them."""
    more = empty_places(room)
    _move(places, more)
    return more


@compiled
def find(places: Integers, rows: Integers, nodes: Integers, slots: Integers) -> int:
    """Fill in the slot of each pair, `NO_SLOT` for a new one; return how many are new."""
    missing = 0
    for index in range(rows.size):
        slots[index] = places[_place(places, rows[index], nodes[index]), _SLOT]
        missing += slots[index] == NO_SLOT
    return missing


@compiled
def make(
    arrays: Arrays, length: int, rows: Integers, nodes: Integers, parents: Integers, slots: Integers
) -> int:
    """Make the slots of the pairs that have none; return how many slots there are then.

    The slots of wider cells come first. There must be room for all.
    """
    places, paths = arrays.places, arrays.paths
    way = np.empty(paths.shape[1], np.int64)
    for index in range(rows.size):
        row, node = rows[index], nodes[index]
        missing, wider = 0, NO_SLOT
        while True:
            wider = places[_place(places, row, node), _SLOT]
            if wider != NO_SLOT:
                break
            way[missing] = node
            missing += 1
            if node == 0:
                break
            node = parents[node]
        depth = 0
        while wider != NO_SLOT and depth < paths.shape[1] and paths[wider, depth] != NO_SLOT:
            depth += 1
        for step in range(missing - 1, -1, -1):
            slot, node = length, way[step]
            length += 1
            arrays.row[slot], arrays.node[slot] = row, node
            for above in range(depth):
                paths[slot, above] = paths[wider, above]
            paths[slot, depth] = slot
            depth += 1
            place = _place(places, row, node)
            places[place, _PAIR], places[place, _SLOT] = _pair(row, node), slot
            wider = slot
        slots[index] = wider
    return length
