"""The session at a glance: counts, rates, talk share, the timeline and what to look at first."""

from collections import Counter
from collections.abc import Sequence

from nlp.codebook import CONFRONTATION, REPAIR, WITHDRAWAL, Codebook
from nlp.findings import ExplainedTag, Rupture
from nlp.moment import count_words
from nlp.ruptures import PARTLY, REPAIRED, UNREPAIRED
from nlp.tagging import TurnScores
from nlp.transcript import Speaker, Transcript

NOT_ASSESSED = (
    "Risk is not assessed: Suture does not look for talk of suicide, self-harm or harm to others and says "
    "nothing about it. Read the session for that yourself."
)
NO_VERDICT = (
    "What is marked is a suggestion where to look, not a verdict on anyone; the tagger misses ruptures and "
    "marks turns that are none."
)

_ORDER = (UNREPAIRED, PARTLY, REPAIRED)


def summarise(
    transcript: Transcript,
    scores: Sequence[TurnScores],
    tags: Sequence[ExplainedTag],
    ruptures: Sequence[Rupture],
    codebook: Codebook,
) -> dict[str, object]:
    """The summary of one session as plain data; documented in docs/report.md."""
    counts = _counts(transcript, tags, ruptures)
    share = talk_share(transcript)
    longest = longest_unrepaired(transcript, ruptures)
    return {
        **counts,
        "codes": _codes(tags, codebook),
        "talk_share": share,
        "longest_unrepaired": longest,
        "look_at_first": look_at_first(ruptures),
        "timeline": timeline(transcript, scores, tags, ruptures),
        "sentences": _sentences(counts, share, longest),
        "notices": [NOT_ASSESSED, NO_VERDICT],
    }


def _counts(
    transcript: Transcript, tags: Sequence[ExplainedTag], ruptures: Sequence[Rupture]
) -> dict[str, object]:
    speakers = Counter(t.speaker for t in transcript.turns)
    of_kind = {k: {t.turn for t in tags if t.kind == k} for k in (WITHDRAWAL, CONFRONTATION, REPAIR)}
    marked = of_kind[WITHDRAWAL] | of_kind[CONFRONTATION]
    client = speakers[Speaker.CLIENT]
    return {
        "turns": len(transcript.turns),
        "client_turns": client,
        "therapist_turns": speakers[Speaker.THERAPIST],
        "marked_turns": len(marked),
        "marked_per_ten_client_turns": round(10 * len(marked) / client, 2) if client else 0.0,
        "withdrawal_turns": len(of_kind[WITHDRAWAL]),
        "confrontation_turns": len(of_kind[CONFRONTATION]),
        "repair_turns": len(of_kind[REPAIR]),
        "ruptures": len(ruptures),
        **{status: sum(r.status == status for r in ruptures) for status in (REPAIRED, PARTLY, UNREPAIRED)},
    }


def _codes(tags: Sequence[ExplainedTag], codebook: Codebook) -> dict[str, int]:
    """How many turns carry each code, in the codebook's order; codes that no turn carries are left out."""
    found = Counter(t.code for t in tags)
    return {c.id: found[c.id] for c in codebook.codes if found[c.id]}


def talk_share(transcript: Transcript) -> dict[str, float]:
    """Each side's share of the spoken words; all 0 when nobody says a word."""
    words = {speaker: 0 for speaker in Speaker}
    for turn in transcript.turns:
        words[turn.speaker] += count_words(turn.text)
    total = sum(words.values())
    return {str(speaker): round(count / total, 4) if total else 0.0 for speaker, count in words.items()}


def longest_unrepaired(transcript: Transcript, ruptures: Sequence[Rupture]) -> dict[str, object] | None:
    """The unrepaired rupture that spans most client turns; the earlier one of two as long."""
    client = [t.index for t in transcript.turns if t.speaker is Speaker.CLIENT]
    lengths = {
        r.id: sum(r.first_turn <= i <= r.last_turn for i in client)
        for r in ruptures
        if r.status == UNREPAIRED
    }
    if not lengths:
        return None
    longest = max(lengths, key=lambda name: lengths[name])
    return {"rupture": longest, "client_turns": lengths[longest]}


def look_at_first(ruptures: Sequence[Rupture]) -> list[dict[str, str]]:
    """The ruptures in the order worth looking at, each with the reason."""
    ordered = sorted(ruptures, key=lambda r: (_ORDER.index(r.status), -r.significance, r.first_turn))
    return [{"rupture": r.id, "reason": _reason(r)} for r in ordered]


def _reason(rupture: Rupture) -> str:
    status = {
        UNREPAIRED: "Not repaired",
        PARTLY: "Only partly repaired",
        REPAIRED: "Repaired: worth seeing how",
    }
    turns = "one marked turn" if len(rupture.turns) == 1 else f"{len(rupture.turns)} marked turns"
    return f"{status[rupture.status]}; {rupture.kind}, {turns}, impact {rupture.significance} of 5."


def timeline(
    transcript: Transcript,
    scores: Sequence[TurnScores],
    tags: Sequence[ExplainedTag],
    ruptures: Sequence[Rupture],
) -> list[dict[str, object]]:
    """One point a turn: where it stands (0 to 1, by the words said before it), its score, what it carries."""
    kinds: dict[int, set[str]] = {}
    for tag in tags:
        kinds.setdefault(tag.turn, set()).add(tag.kind)
    rupture_of = {turn: r.id for r in ruptures for turn in range(r.first_turn, r.last_turn + 1)}
    sizes = [max(1, count_words(t.text)) for t in transcript.turns]
    total, said, points = sum(sizes), 0, []
    for turn, turn_scores, size in zip(transcript.turns, scores, sizes, strict=True):
        score = turn_scores.rupture if turn.speaker is Speaker.CLIENT else turn_scores.repair
        points.append(
            {
                "turn": turn.index,
                "speaker": str(turn.speaker),
                "position": round(said / total, 4),
                "score": None if score is None else round(score, 4),
                "kinds": sorted(kinds.get(turn.index, ())),
                "rupture": rupture_of.get(turn.index),
            }
        )
        said += size
    return points


def _sentences(
    counts: dict[str, object], share: dict[str, float], longest: dict[str, object] | None
) -> list[str]:
    marked, client, found = counts["marked_turns"], counts["client_turns"], counts["ruptures"]
    sentences = [f"{marked} of {client} client turns {'is' if marked == 1 else 'are'} marked."]
    if found:
        kinds = (
            f"{counts['withdrawal_turns']} by withdrawal, {counts['confrontation_turns']} by confrontation"
        )
        sentences = [f"{sentences[0][:-1]}: {kinds}."]
        ends = [f"{counts[s]} {_status_words[s]}" for s in (REPAIRED, PARTLY, UNREPAIRED) if counts[s]]
        sentences.append(f"They make {found} rupture{'s' if found != 1 else ''}: {', '.join(ends)}.")
    else:
        sentences.append("No rupture was found at this strictness; that does not mean that there was none.")
    sentences.append(f"The therapist spoke {round(100 * share['therapist'])} % of the words.")
    if longest:
        size = longest["client_turns"]
        span = "one client turn" if size == 1 else f"{size} client turns"
        sentences.append(f"The longest unrepaired rupture spans {span}.")
    return sentences


_status_words = {REPAIRED: "repaired", PARTLY: "partly repaired", UNREPAIRED: "unrepaired"}
