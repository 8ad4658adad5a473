"""What stock Faust 0.15.3 does wrong: each fault shown on Faust, and its absence shown on ours.

Of the faults in its tracker and its source, these have no test here:

- RocksDB windows that never expire (#385), events recovered into the wrong table, recovery that is
  stuck or blocks commits (#651, #432, #596), RocksDB written before the changelog is confirmed: no
  table of Faust is used, and an application with one is refused.
- Exactly-once that duplicates or crashes (#517, #323, #177, #136, #440): refused as well. State
  with positions takes its place.
- The same messages twice on scale-out (#502): in
  `tests/streams/broker/transport/test_rebalance.py`.
- Consumers that stop (#175, #532): a question of liveness, tested with the host. Memory growth
  (robinhood #169): the soak.
- The ``confluent://`` driver, which never polls before it has an assignment: not used.
- Acknowledgements popped before the commit at a revoke: the books of Faust are not used; what is
  committed at a revoke is in `tests/streams/broker/transport/test_rebalance.py`.
"""
