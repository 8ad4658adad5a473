"""What floods cost: of names of agents and products, and of sales on one account."""

from bench.speed.floods import big_account, names


def run() -> None:
    """Print what each costs beside as many usual events."""
    names.run()
    big_account.run()
