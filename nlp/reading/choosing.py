"""One transcript of a file that holds several."""

from nlp.errors import InputError


def choose_one(ids: list[str], choose: str | None) -> str:
    """The chosen id, or an InputError that tells which there are."""
    if choose is not None and choose.strip() in ids:
        return choose.strip()
    shown = ", ".join(i[:40] for i in ids[:20]) + (f" and {len(ids) - 20} more" if len(ids) > 20 else "")
    problem = (
        "This file holds several transcripts" if choose is None else "This file has no transcript of that id"
    )
    raise InputError(
        f"{problem}. Choose one by its id (choose=ID, for example choose={ids[0][:40] if ids else 'ID'}). "
        f"There are {len(ids)}: {shown}.",
        "several_transcripts",
    )
