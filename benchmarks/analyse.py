"""Seconds and memory to analyse a 50-minute session, how they grow with length, and many uploads at once.

    python benchmarks/analyse.py [--quick]

Timings are printed beside a baseline of the same run: splitting the same session into sentences with
spaCy, and reading every turn with a context of its own (one window a turn) instead of shared windows.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from annotation.corpus import load_written
from models.inputs import Window, encode_turns
from models.reading import read_windows
from models.tagger import TransformerTagger, load_tagger
from nlp.report import build_report
from nlp.segmentation import split_sentences
from nlp.transcript import Transcript

SUTURE = str(Path(sys.executable).with_name("suture"))


def session(session_id: str = "full-02") -> Transcript:
    """A written full-length session."""
    return next(c.transcript for c in load_written() if c.transcript.id == session_id)


def repeated(transcript: Transcript, times: int) -> Transcript:
    """The transcript said `times` over."""
    turns = [t for _ in range(times) for t in transcript.turns]
    return replace(transcript, turns=tuple(replace(t, index=i, id=f"t{i}") for i, t in enumerate(turns)))


def best_of(rounds: int, work) -> float:
    """The shortest of a few timings, in seconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def analyse(tagger: TransformerTagger, transcript: Transcript) -> None:
    """Everything from turns to the report."""
    split = split_sentences(transcript)
    build_report(split, (), tagger.info, tagger.score(split))


def one_window_a_turn(tagger: TransformerTagger, transcript: Transcript) -> None:
    """The naive scheme: each turn read with its own context of the same length."""
    scheme = tagger._card.scheme
    units = encode_turns(transcript, tagger._tokenizer, scheme.longest_unit)
    windows = []
    for u in range(len(units)):
        first, used = u, len(units[u])
        while first > 0 and used + len(units[first - 1]) <= scheme.context + len(units[u]):
            first -= 1
            used += len(units[first])
        windows.append(Window(first, u, u + 1))
    with torch.inference_mode():
        read_windows([(units, w) for w in windows], tagger._reader, tagger._tokenizer, scheme.batch_tokens)


def cold(transcript: Transcript) -> tuple[float, float]:
    """Seconds and peak memory (GiB) of `suture analyse` in a process of its own, imports and loading included."""
    turns = [{"index": t.index, "speaker": t.speaker, "text": t.text} for t in transcript.turns]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "session.json"
        file.write_text(json.dumps({"id": transcript.id, "turns": turns}), encoding="utf-8")
        command = [SUTURE, "analyse", str(file), "--format", "json", "--out", f"{folder}/out"]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=os.environ)
        seconds = time.perf_counter() - began
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round, no lengths over 2x")
    quick = parser.parse_args().quick
    rounds = 1 if quick else 3
    transcript = session()
    words = sum(len(t.text.split()) for t in transcript.turns)
    print(f"full-02: {len(transcript.turns)} turns, {words} words")
    seconds, memory = cold(transcript)
    print(f"cold, `suture analyse` in a new process: {seconds:.1f} s, peak {memory:.2f} GiB")
    tagger = load_tagger()
    split = split_sentences(transcript)
    tagger.score(split)
    sentences = best_of(rounds, lambda: split_sentences(transcript))
    scoring = best_of(rounds, lambda: tagger.score(split))
    whole = best_of(rounds, lambda: analyse(tagger, transcript))
    naive = best_of(1, lambda: one_window_a_turn(tagger, split))
    print(
        f"warm ({tagger.backend}): {whole:.2f} s in all, {whole / sentences:.1f} times the sentence splitting alone"
    )
    print(
        f"  sentences {sentences:.2f} s, scoring {scoring:.2f} s; one window a turn takes {naive / scoring:.1f} times that"
    )
    print("length   seconds   ratio to 1x")
    for times in (1, 2) if quick else (1, 2, 4, 8):
        longer = repeated(transcript, times)
        taken = best_of(rounds if times < 4 else 1, lambda longer=longer: analyse(tagger, longer))
        print(f"{times}x       {taken:7.2f}   {taken / whole:.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory of this process: {peak:.2f} GiB")


if __name__ == "__main__":
    main()
