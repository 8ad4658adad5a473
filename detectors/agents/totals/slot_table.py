"""Slots by agent and node, found and made in compiled code: a table of places with open addressing.

The place of a pair follows from both numbers; where another pair is, the next place is looked at.
Two pairs never share a slot: both numbers are compared.
"""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Integers, SmallIntegers
from detectors.evidence.compilation import compiled
from detectors.peers.leave_one_out import NO_SLOT

_NODE: Final = 0xFFFFFFFF
"""The part of a pair that is the node."""

_FIRST: Final = 0x9E3779B1
_SECOND: Final = 0x85EBCA77
"""Odd numbers: they send neighbours to places far apart."""


class Arrays(NamedTuple):
    """What is known of each slot, and how it is found."""

    pair: Integers
    """(room,): the agent and the node of the cell, in one number."""
    paths: SmallIntegers
    """(room, depths): the agent's slots from the root down to this one, then `NO_SLOT`."""
    places: SmallIntegers
    """(places,): the slot of the pair that belongs there, `NO_SLOT` where there is none."""


def empty_places(room: int) -> SmallIntegers:
    """Return the places for so many slots; at most three in four are ever taken."""
    return np.full(1 << (4 * room // 3).bit_length(), NO_SLOT, np.int32)


def rows_of(pairs: Integers) -> Integers:
    """Return the agents of some pairs."""
    return pairs >> 32


def nodes_of(pairs: Integers) -> Integers:
    """Return the nodes of some pairs."""
    return pairs & _NODE


@compiled
def _pair(row: int, node: int) -> int:
    """Return one number for a pair; both are below 2^31, as there is a slot for each."""
    return (row << 32) | node


@compiled
def _place(places: SmallIntegers, pairs: Integers, pair: int) -> int:
    """Return the place of a pair, or the free one where it belongs."""
    last = places.size - 1
    number = (pair >> 32) * _FIRST + (pair & _NODE) * _SECOND
    place: int = (number ^ (number >> 15)) & last
    while places[place] != NO_SLOT and pairs[places[place]] != pair:
        place = (place + 1) & last
    return place


@compiled
def _fill(places: SmallIntegers, pairs: Integers, length: int) -> None:
    for slot in range(length):
        places[_place(places, pairs, pairs[slot])] = slot


def places_of(pairs: Integers, length: int) -> SmallIntegers:
    """Return the places of the first slots, with room for as many as there are pairs."""
    places = empty_places(pairs.size)
    _fill(places, pairs, length)
    return places


@compiled
def find(
    places: SmallIntegers, pairs: Integers, rows: Integers, nodes: Integers, slots: Integers
) -> int:
    """Fill in the slot of each pair, `NO_SLOT` for a new one; return how many are new."""
    missing = 0
    for index in range(rows.size):
        slots[index] = places[_place(places, pairs, _pair(rows[index], nodes[index]))]
        missing += slots[index] == NO_SLOT
    return missing


@compiled
def make(
    arrays: Arrays, length: int, rows: Integers, nodes: Integers, parents: Integers, slots: Integers
) -> int:
    """Make the slots of the pairs that have none; return how many slots there are then.

    The slots of wider cells come first. There must be room for all.
    """
    places, paths, pairs = arrays.places, arrays.paths, arrays.pair
    way = np.empty(paths.shape[1], np.int64)
    for index in range(rows.size):
        row, node = rows[index], nodes[index]
        missing, wider = 0, NO_SLOT
        while True:
            wider = places[_place(places, pairs, _pair(row, node))]
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
            pairs[slot] = _pair(row, node)
            for above in range(depth):
                paths[slot, above] = paths[wider, above]
            paths[slot, depth] = slot
            depth += 1
            places[_place(places, pairs, pairs[slot])] = slot
            wider = slot
        slots[index] = wider
    return length
