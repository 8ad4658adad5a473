"""`make bench`: everything that is measured, one after the other, or those that are named."""

import sys
from typing import Final

from bench.named import run_named

BENCHMARKS: Final = {
    "detect": "events per second of detect, beside bare decoding of the same bytes",
    "twenty": "the same with twenty patterns, stand-ins among them",
    "catalogue": "the same with the whole catalogue of patterns on, each of them planted",
    "agents": "the price of an event with more agents, and the memory of the process",
    "floods": "floods of agents, of products, of sales on one account, beside as many usual events",
    "start": "seconds until ten lines are read, with warm caches and the first time ever",
    "memory": "bytes of memory an open account takes",
    "state": "bytes of evidence an agent and pattern take",
    "restore": "restoring a million open accounts, and what the changelog holds of each",
    "evidence_kernel": "microseconds an outcome takes in the evidence kernel",
    "evidence_yardstick": "false alarms and delays of the evidence, against the published figures",
    "profiles": "experiment: alarms of the shift and mix detectors, real and permuted",
    "shifts": "what is told of shifts of volume and amount, and what their nulls would have told",
    "million": "the law of replay on a million events",
}

if __name__ == "__main__":
    run_named("bench.speed", BENCHMARKS, sys.argv[1:])
