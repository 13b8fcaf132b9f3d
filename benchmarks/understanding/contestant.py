"""One system on one data set, in the Python of that system: loads or trains, parses, measures.

Usage: python -m benchmarks.understanding.contestant own|stock|plain JOB.json RESULT.json
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

from benchmarks.understanding.parsing import FALLBACK, own_parser, stock_parser

Predict = Callable[[str], Tuple[Any, float]]


def _of_rasa(parser: Callable[[str], Dict[str, Any]]) -> Predict:
    def predict(text: str) -> Tuple[Any, float]:
        ranking = [entry for entry in parser(text).get("intent_ranking") or [] if entry["name"] != FALLBACK]
        return (ranking[0]["name"], float(ranking[0]["confidence"])) if ranking else (None, 0.0)

    return predict


def plain_learner(train: List[List[str]], seed: int) -> Tuple[Predict, int]:
    """scikit-learn's tf-idf of words and runs of characters with logistic regression; and its size in bytes."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    views = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    model = make_pipeline(views, LogisticRegression(C=10, max_iter=300, random_state=seed))
    model.fit([text for text, _ in train], [intent for _, intent in train])

    def predict(text: str) -> Tuple[Any, float]:
        probabilities = model.predict_proba([text])[0]
        best = int(probabilities.argmax())
        return str(model.classes_[best]), float(probabilities[best])

    names = sum(len(name) for _, view in views.transformer_list for name in view.vocabulary_)
    return predict, int(model[-1].coef_.astype("float32").nbytes) + names


def main() -> None:
    whose, job_file, result_file = sys.argv[1:]
    job = json.loads(Path(job_file).read_text("utf-8"))
    begun = time.perf_counter()
    size = 0
    if whose == "plain":
        predict, size = plain_learner(job["train"], job["seed"])
    else:
        predict = _of_rasa((own_parser if whose == "own" else stock_parser)(Path(job["model"])))
    predict("hallo")
    ready = time.perf_counter() - begun
    results: Dict[str, List[Any]] = {}
    for name, texts in job["tests"].items():
        rows = []
        for text in texts:
            begun = time.perf_counter()
            intent, confidence = predict(text)
            rows.append([intent, confidence, (time.perf_counter() - begun) * 1000])
        results[name] = rows
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    answer = {"ready": ready, "memory": memory, "size": size, "results": results}
    Path(result_file).write_text(json.dumps(answer), "utf-8")


if __name__ == "__main__":
    main()
