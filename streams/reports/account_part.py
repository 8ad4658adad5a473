"""The part of the page about accounts: counted by agent, never a list of thousands."""

from collections.abc import Iterator

from streams.reports.contents import MOST_AGENTS_NAMED, AgentAccounts, Contents
from streams.reports.findings import AccountFinding
from streams.reports.markup import Markup, Part, element
from streams.reports.names import counted, day_in_words, name_of
from streams.reports.words import ACCOUNTS


def accounts_part(contents: Contents) -> Iterator[Markup]:
    """Yield what is open about accounts; nothing of it accuses an agent."""
    yield element("h2", "Accounts to check", id="accounts")
    total = contents.open_accounts()
    if not total:
        yield element("p", "No alert about an account is open.")
        return
    sellers = sum(one.agent_id is not None for one in contents.accounts)
    yield element("p", f"{counted(total, 'open alert')}, sold by {counted(sellers, 'agent')}.")
    yield element("p", ACCOUNTS, class_="muted")
    yield _table(contents)
    yield element(
        "details",
        element("summary", f"The newest {len(contents.newest_accounts):,} of {total:,}"),
        element("ul", (element("li", _account(one)) for one in contents.newest_accounts)),
        element(
            "p", "All of them: ", element("code", "aboveboard alerts --current"), class_="muted"
        ),
    )


def _table(contents: Contents) -> Markup:
    named = contents.accounts[:MOST_AGENTS_NAMED]
    others = contents.accounts[MOST_AGENTS_NAMED:]
    heads = ["agent", "accounts"] + ([] if contents.since is None else ["of them new"])
    rows = [element("tr", (element("th", head) for head in heads))]
    rows += [_row(element("bdi", _seller(one)), one, contents) for one in named]
    if others:
        rest = AgentAccounts(None, sum(one.open for one in others), sum(one.new for one in others))
        rows.append(_row(f"{counted(len(others), 'other')}", rest, contents))
    return element("table", *rows)


def _row(name: Part, count: AgentAccounts, contents: Contents) -> Markup:
    return element(
        "tr",
        element("td", name),
        element("td", f"{count.open:,}"),
        [] if contents.since is None else element("td", f"{count.new:,}"),
    )


def _seller(count: AgentAccounts) -> str:
    return "no selling agent" if count.agent_id is None else name_of(count.agent_id)


def _account(one: AccountFinding) -> Part:
    seller = "without a selling agent" if one.agent_id is None else "sold by "
    return [
        element("bdi", name_of(one.account_id)),
        f", {seller}",
        "" if one.agent_id is None else element("bdi", name_of(one.agent_id)),
        f", since {day_in_words(one.opened_at)}",
    ]
