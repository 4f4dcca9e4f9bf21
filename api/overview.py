"""The top of the report: what was found, and what to look at first."""

from dataclasses import dataclass

from api.wording import listed, number_word, percent
from nlp.report import SessionReport
from nlp.roles import RoleProposal
from nlp.transcript import Speaker

FIRST_FEW = 3
PLAIN_FROM = 0.95  # from here on the names themselves say who is who (nlp.roles)


@dataclass(frozen=True)
class LookFirst:
    """A moment worth reading first, and why."""

    moment: str
    number: int
    title: str
    where: str
    because: str


@dataclass(frozen=True)
class Fact:
    """One line of the facts list."""

    name: str
    value: str
    says: str = ""
    moment: str = ""


@dataclass(frozen=True)
class Overview:
    headline: str
    look_first: tuple[LookFirst, ...]
    facts: tuple[Fact, ...]


def overview_of(report: SessionReport, moments) -> Overview:
    """The report's summary in sentences; `moments` are the report's ruptures as the page shows them."""
    by_id = {m.id: m for m in moments}
    return Overview(
        headline=_headline(moments),
        look_first=_look_first(report.summary, by_id),
        facts=tuple(_facts(report, moments, by_id)),
    )


@dataclass(frozen=True)
class GuessedRoles:
    """Who is taken for whom though no name says so: for a reader to confirm or put right."""

    says: str
    because: str


def guessed_roles(proposal: RoleProposal, confirmed: bool) -> GuessedRoles | None:
    """The guess to show; None when the names said who is who, or a person did."""
    if confirmed or proposal.confidence >= PLAIN_FROM:
        return None
    of = {
        role: listed([name or "a speaker without a name" for name, r in proposal.roles.items() if r is role])
        for role in (Speaker.THERAPIST, Speaker.CLIENT)
    }
    taken = f"{of[Speaker.THERAPIST]} is taken for the therapist and {of[Speaker.CLIENT]} for the client"
    return GuessedRoles(f"{taken} ({percent(proposal.confidence)} sure).", proposal.because)


def _headline(moments) -> str:
    if not moments:
        return (
            "No moment stood out in which the alliance came under strain. "
            "That is what the text shows at this strictness; it does not prove that there was none."
        )
    open_ones = [m for m in moments if m.status == "unrepaired"]
    if not open_ones:
        tail = "The text shows the therapist answering all of them, at least in part."
        if len(moments) == 1:
            tail = "The text shows the therapist answering it, at least in part."
    elif len(moments) == 1:
        tail = "It does not read as repaired."
    else:
        does = "does" if len(open_ones) == 1 else "do"
        tail = f"{number_word(len(open_ones)).capitalize()} of them {does} not read as repaired."
    count = number_word(len(moments)).capitalize()
    return f"{count} moment{'s' if len(moments) > 1 else ''} in which the alliance may have come under strain. {tail}"


def _look_first(summary, by_id) -> tuple[LookFirst, ...]:
    """The summary's first few."""
    wanted = [(by_id[w["rupture"]], w["reason"]) for w in summary.get("look_at_first", ())]
    return tuple(LookFirst(m.id, m.number, m.title, m.where, reason) for m, reason in wanted[:FIRST_FEW])


def _facts(report: SessionReport, moments, by_id):
    kinds = [(k, sum(m.kind == k for m in moments)) for k in ("withdrawal", "confrontation", "mixed")]
    if moments:
        yield Fact("Moments", listed([f"{n} {kind}" for kind, n in kinds if n]))
    status = [(w, sum(m.status == s for m in moments)) for s, w in _STATUS_SHORT]
    if moments:
        yield Fact("Repair", listed([f"{n} {w}" for w, n in status if n]))
    share = report.summary.get("talk_share") or {}
    if share:
        said = listed([f"{role} {percent(part)}" for role, part in share.items() if part])
        yield Fact("Words", said)
    longest = report.summary.get("longest_unrepaired")
    if longest:
        moment = by_id[longest["rupture"]]
        yield Fact("Longest unrepaired", f"Moment {moment.number}, {moment.where}", moment=moment.id)


_STATUS_SHORT = (("repaired", "repaired"), ("partly", "in part"), ("unrepaired", "not repaired"))
