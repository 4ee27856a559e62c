"""Understanding beside simpler ways, in one run on the same split.

    python benchmarks/understanding.py FILE.csv

Every way is trained on the same examples of knowledge/intents and asked the same messages of FILE.csv (text, intent),
none of which may stand in the examples. Shown: accuracy in scope, the right one among three, out-of-scope recall at 5 %
false refusals, accuracy under 10 % homophone typos, training seconds and p99 a message, both of the processor. Of ours also the most memory that
the process ever held, interpreter and libraries included.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the service runs (app/__init__.py)

import numpy as np  # noqa: E402

from bot.understanding.evaluate import Labelled, check_not_trained_on, read_labelled  # noqa: E402
from bot.understanding.intents import Intent  # noqa: E402
from bot.understanding.perturbation import Perturbation, Typist  # noqa: E402
from bot.understanding.understand import Understanding, readable  # noqa: E402
from knowledge.intent_examples import IntentExamples, load_intent_examples  # noqa: E402

TODAY = date(2026, 11, 20)
INTENTS = list(Intent)
OUTSIDE = INTENTS.index(Intent.OUT_OF_SCOPE)
Score = Callable[[str], np.ndarray]


@dataclass(frozen=True)
class Way:
    """One way to understand: made from texts and labels, gives a score an intent."""

    name: str
    make: Callable[[list[str], np.ndarray], Score]


def by_likeness(texts: list[str], labels: np.ndarray) -> Score:
    """rapidfuzz alone: each intent scores as its most similar example."""
    from rapidfuzz import fuzz, process

    def score(text: str) -> np.ndarray:
        likeness = process.cdist([text], texts, scorer=fuzz.ratio)[0]
        best = np.zeros(len(INTENTS))
        np.maximum.at(best, labels, likeness)
        return best

    return score


def by_bm25(texts: list[str], labels: np.ndarray) -> Score:
    """BM25 over pairs of characters: each intent scores as its best example."""
    postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    lengths = np.array([len(text) for text in texts], dtype=float)
    for number, text in enumerate(texts):
        for word, times in Counter(text[at : at + 2] for at in range(len(text))).items():
            postings[word].append((number, times))
    shape = 1.2 * (0.25 + 0.75 * lengths / lengths.mean())

    def score(text: str) -> np.ndarray:
        totals = np.zeros(len(texts))
        for word in {text[at : at + 2] for at in range(len(text))}:
            found = postings.get(word, [])
            rarity = math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
            for number, times in found:
                totals[number] += rarity * times * 2.2 / (times + shape[number])
        best = np.zeros(len(INTENTS))
        np.maximum.at(best, labels, totals)
        return best

    return score


def by_nearest_tfidf(texts: list[str], labels: np.ndarray) -> Score:
    """TF-IDF of characters, cosine, nearest neighbour."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    rows = vectorizer.fit_transform(texts)

    def score(text: str) -> np.ndarray:
        likeness = (rows @ vectorizer.transform([text]).T).toarray().ravel()
        best = np.zeros(len(INTENTS))
        np.maximum.at(best, labels, likeness)
        return best

    return score


def by_logistic_regression(texts: list[str], labels: np.ndarray) -> Score:
    """Logistic regression on character n-grams, without pinyin."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    model = LogisticRegression(C=10.0, max_iter=300, class_weight="balanced").fit(
        vectorizer.fit_transform(texts), labels
    )

    def score(text: str) -> np.ndarray:
        scores = np.full(len(INTENTS), -99.0)
        scores[model.classes_] = model.decision_function(vectorizer.transform([text]))[0]
        return scores

    return score


WAYS = (
    Way("rapidfuzz only", by_likeness),
    Way("BM25 nearest", by_bm25),
    Way("TF-IDF nearest", by_nearest_tfidf),
    Way("logistic regression, no pinyin", by_logistic_regression),
)


@dataclass
class Figures:
    """What one way reached."""

    accuracy: float
    top_three: float
    recall: float


def figures(rows: Sequence[Labelled], scores: np.ndarray, gates: np.ndarray) -> Figures:
    """Return the figures of one score row a message; `gates` are higher the further in scope."""
    inside = [n for n, row in enumerate(rows) if Intent.OUT_OF_SCOPE not in row.intents]
    outside = [n for n, row in enumerate(rows) if row.intents == {Intent.OUT_OF_SCOPE}]
    ranked = scores.copy()
    ranked[:, OUTSIDE] = -np.inf
    order = np.argsort(-ranked, axis=1)[:, :3]
    right = [[INTENTS[place] in rows[n].intents for place in order[n]] for n in inside]
    border = np.sort(gates[inside])[int(0.05 * len(inside))]
    return Figures(
        float(np.mean([hits[0] for hits in right])),
        float(np.mean([any(hits) for hits in right])),
        float(np.mean(gates[outside] < border)),
    )


def run_way(
    way: Way, texts: list[str], labels: np.ndarray, rows: Sequence[Labelled], slips: Sequence[str]
) -> str:
    """Return one line of the table."""
    started = time.process_time()
    score = way.make(texts, labels)
    trained = time.process_time() - started
    times: list[float] = []

    def ask(messages: Sequence[str]) -> np.ndarray:
        got = []
        for message in messages:
            begun = time.process_time()
            got.append(score(readable(message, TODAY)))
            times.append(time.process_time() - begun)
        return np.array(got)

    plain, typed = ask([row.text for row in rows]), ask(slips)
    gate = np.delete(plain, OUTSIDE, axis=1).max(axis=1) - plain[:, OUTSIDE]
    shown = figures(rows, plain, gate)
    return line(way.name, shown, figures(rows, typed, gate).accuracy, trained, times)


def run_ours(examples: Sequence[IntentExamples], rows: Sequence[Labelled], slips: Sequence[str]) -> str:
    """Return the line of the whole pipeline: slots, exact terms, model, re-ranking."""
    started = time.process_time()
    ours = Understanding.load(examples)
    trained = time.process_time() - started
    times: list[float] = []

    def ask(messages: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        scores, gates = np.full((len(messages), len(INTENTS)), -1.0), np.zeros(len(messages))
        for number, message in enumerate(messages):
            begun = time.process_time()
            got = ours.understand(message, TODAY)
            times.append(time.process_time() - begun)
            gates[number] = got.gate
            for intent, likely in got.alternatives:
                scores[number, INTENTS.index(intent)] = likely
        return scores, gates

    plain, gates = ask([row.text for row in rows])
    typed, _ = ask(slips)
    return line("知托", figures(rows, plain, gates), figures(rows, typed, gates).accuracy, trained, times)


def line(name: str, shown: Figures, typed: float, trained: float, times: list[float]) -> str:
    """Return the figures as one row."""
    p99 = sorted(times)[int(0.99 * len(times))] * 1000
    return (
        f"{name:<32} {shown.accuracy:8.3f} {shown.top_three:8.3f} {shown.recall:10.3f} {typed:10.3f}"
        f" {trained:8.2f} s {p99:8.2f} ms"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", type=Path)
    rows = read_labelled(parser.parse_args().file)
    examples = load_intent_examples(ROOT / "knowledge")
    check_not_trained_on(rows, examples)
    pairs = [
        (readable(text, TODAY), group.intent)
        for group in examples
        for text in (*group.examples, *group.aliases)
    ]
    texts = [text for text, _ in pairs]
    labels = np.array([INTENTS.index(Intent(intent)) for _, intent in pairs])
    slips = Typist(texts).retyped([row.text for row in rows], Perturbation.TYPOS)
    print(f"{len(texts)} examples, {len(rows)} messages")
    print(
        f"{'':<32} {'accuracy':>8} {'top 3':>8} {'OOS @5%':>10} {'10% typos':>10} {'training':>10} {'p99':>11}"
    )
    print(run_ours(examples, rows, slips))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for way in WAYS:
        print(run_way(way, texts, labels, rows, slips))
    print(f"memory of ours: {peak:.0f} MB at its peak, interpreter and libraries included")


if __name__ == "__main__":
    main()
