"""Sight: from when until when a source of events can be believed.

A feed that stops looks, to whoever waits for it, as if nothing had happened. So the stretches are
found in which nothing came of a kind of event, or hardly any, though sales went on: in them nothing
is told from what was not seen.

Data flow: every ledger tells at the end of each day what it saw (`detectors.messages.seen`): per
site the sales made, the first uses of young accounts, and the cancellations, by day. These are
counts of facts, and a fact is known to one ledger: their sum depends neither on the order of the
events nor on duplicates, batches, partitions or restarts. All of it goes to every agents partition,
and every one of them comes to the same stretches (`sight`), by the end of each day as it is
reported. What follows is decided where days are judged (`detectors.agents.gathering.screen`).

States of a source (`course`): *seen*; *dark*, a run of days with less than a tenth of what would
have been expected by its own earlier rate per sale; *blind*, a dark run as long as a setting, more
than twice as long as any that ended by itself before, and in which enough was expected. Days
without sales say nothing. A run that late events fill up was none. A kind that never came is blind
from the beginning, once enough sales have matured. Sites are compared with their own past, a new
one with all others, and only on days on which the whole is not dark.

A part of all use that is lost is found by the sales that came of age (`losing`, `losses`): then
nothing is told of single accounts, while agents are compared as ever.

What it cannot see: a loss of less than a seventh, and a source of which so little is expected that
silence says nothing.
"""
