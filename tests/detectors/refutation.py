"""Does a law catch what breaks it? Laws are tested on things deliberately broken."""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

Subject = TypeVar("Subject")


def refuted(
    law: Callable[[Subject, st.DataObject], None], broken: Subject, examples: int = 1_000
) -> bool:
    """Return whether Hypothesis finds an example in which `broken` fails `law` by an assertion."""

    def fails(data: st.DataObject) -> bool:
        try:
            law(broken, data)
        except AssertionError:
            return True
        return False

    search = settings(
        max_examples=examples,
        phases=(Phase.generate,),
        database=None,
        derandomize=True,
        deadline=None,  # a busy machine would make an example slow once, and the search give up
    )
    try:
        find(st.data(), fails, settings=search)
    except NoSuchExample:
        return False
    return True
