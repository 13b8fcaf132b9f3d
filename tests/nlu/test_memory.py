from __future__ import annotations

from smartcity.knowledge.folding import REMEMBERED_LETTERS, fold
from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.records import Knowledge
from smartcity.nlu.concepts import ConceptTable
from smartcity.nlu.features import FeatureMaker
from smartcity.nlu.memory import remember
from smartcity.nlu.spelling import Spelling

RUBBISH = [f"{number:x}" * 120 for number in range(100, 300)]
"""Words of hundreds of letters, each another one: as features, one takes a hundred kilobytes."""


def test_no_memory_keeps_long_words() -> None:
    concepts = ConceptTable({"preis": ["kosten"]})
    makers = FeatureMaker(concepts, {}), Spelling({"kosten": 3}, concepts)
    names = NameIndex(Knowledge({}, {}, {}, {}, {}, {}, "1"))
    for word in RUBBISH:
        makers[0]([word])
        makers[1].repaired([word])
        names.find(word)
    memories = (makers[0]._of_word, concepts._of_word, makers[1]._remembered, names._of_word)
    assert [form for memory in memories for form in memory if len(str(form)) > 2 * REMEMBERED_LETTERS] == []
    makers[0](["kosten"])
    assert "kosten" in makers[0]._of_word


def test_long_words_fold_as_short_ones() -> None:
    assert fold("GRÜẞE" * 40) == fold("GRÜẞE") * 40


def test_a_full_memory_begins_anew_and_takes_usual_words() -> None:
    memory: dict[str, int] = {}
    for number in range(7):
        remember(memory, str(number), number, 3)
        assert len(memory) <= 3
    assert memory == {"6": 6}
