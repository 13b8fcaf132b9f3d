"""`python -m benchmarks.privacy`: recall and precision of redaction by kind, and its speed.

The blind half was written before the code was tuned, by the same hands; `--show` prints what was missed and what
was replaced wrongly in the development half, never in the blind one.
"""

from __future__ import annotations

import argparse
import time

from smartcity.privacy.redaction import redact
from tests.privacy.sentences import SETS, harmed, measure, read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="the development sentences with mistakes")
    arguments = parser.parse_args()
    for name in SETS:
        sentences = read(name)
        harmless = [one for one in sentences if not one.labels]
        print(f"\n{name}: {len(sentences)} sentences, {len(harmless)} of them without personal data\n")
        print(f"{'kind':14} {'labelled':>8} {'recall':>8} {'precision':>10}")
        found = measure(sentences)
        for kind, one in found.items():
            print(f"{kind:14} {one.labelled:8} {one.recall:8.1%} {one.precision:10.1%}")
        labelled, replaced = (sum(getattr(one, key) for one in found.values()) for key in ("labelled", "replaced"))
        rightly, wrongly = (sum(getattr(one, key) for one in found.values()) for key in ("rightly", "wrongly"))
        print(f"{'all':14} {labelled:8} {replaced / labelled:8.1%} {rightly / (rightly + wrongly):10.1%}")
        print(f"harmless sentences in which something was replaced: {len(harmed(sentences))}")
        if arguments.show and name == "development":
            for kind, one in found.items():
                for text in (*(f"missed {text}" for text in one.missed), *(f"wrong {text}" for text in one.false)):
                    print(f"  {kind}: {text}")
    texts = [one.text for name in SETS for one in read(name)]
    begin = time.perf_counter()
    for text in texts:
        redact(text)
    print(f"\n{(time.perf_counter() - begin) / len(texts) * 1000:.2f} ms a sentence")


if __name__ == "__main__":
    main()
