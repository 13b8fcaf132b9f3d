"""Names of the real content, as people write them."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from smartcity.knowledge.folding import fold, words
from smartcity.knowledge.loading import load, read_folder
from smartcity.knowledge.names import MAX_WORDS, Mention, NameIndex, Reference
from smartcity.knowledge.ordinary import ordinary_words, words_around
from smartcity.knowledge.records import LANGUAGES, Initiative, Knowledge

from .conftest import CITY, SAMPLE_ROOT

SAMPLE = NameIndex(load(read_folder(SAMPLE_ROOT)))
REAL = NameIndex(load(read_folder(CITY)))
ANNOTATED = re.compile(r"\[([^]]+)\](?:\([^)]*\)|\{[^}]*\})")


def _found(index: NameIndex, text: str, ordinary: frozenset[str] = frozenset()) -> list[Reference]:
    return [reference for mention in index.find(text, ordinary) for reference in mention.references]


@pytest.fixture(scope="module")
def ordinary(names: NameIndex) -> frozenset[str]:
    """The ordinary words of the training data, as nlu/mentions.py takes them from there."""
    texts, named = [], set()
    for path in sorted((Path(__file__).parents[2] / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            for line in entry["examples"].splitlines() if "intent" in entry else ():
                texts.append(ANNOTATED.sub(r"\1", line.removeprefix("- ")))
                named |= {word.form for name in ANNOTATED.findall(line) for word in words(name)}
    return ordinary_words([words_around(texts, names)]) - named


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Krieser", "kruiser"),
        ("krusier", "kruiser"),
        ("KRuiser-Preis", "kruiser"),
        ("Kruisers", "kruiser"),
        ("Was kostet der KRUISER?", "kruiser"),
        ("SW Car", "swcar"),
        ("sw-car", "swcar"),
        ("swcar", "swcar"),
        ("zentrum fuer digitale lernwelten", "zfdl"),
        ("ZENTRUM FÜR DIGITALE LERNWELTEN", "zfdl"),
        ("zentrum für digitale lernwelte", "zfdl"),
        ("Coding School", "codingschool"),
        ("codingschool", "codingschool"),
        ("Koding Schuhle", "codingschool"),
        ("geo portal", "geoportal"),
        ("Geoprotal", "geoportal"),
        ("kreaton", "kreathon"),
        ("Kreathons", "kreathon"),
        ("beteiligungs portal", "beteiligungsportal"),
        ("Serviceportall", "serviceportal"),
        ("smarte muelltonnen", "smarte_muelltonne"),
    ],
)
def test_an_initiative_is_found_despite_its_spelling(
    names: NameIndex, ordinary: frozenset[str], text: str, name: str
) -> None:
    assert _found(names, text, ordinary) == [("initiative", name)]


def test_every_name_of_the_city_is_found_as_written(city: Knowledge, names: NameIndex) -> None:
    for kind, shelf in (("initiative", city.initiatives), ("theme", city.themes), ("office", city.offices)):
        for topic in shelf.values():
            for name in topic.aliases:
                if len(words(name)) <= MAX_WORDS:
                    assert (kind, topic.id) in _found(names, name), name
    for service in city.services.values():
        for name in service.aliases:
            if len(words(name)) <= MAX_WORDS:
                assert ("service", service.id) in _found(names, name), name


def test_three_letters_in_a_row_where_words_meet() -> None:
    for text in ("homeless shelter", "homelessshelter", "Homeless-Shelter"):
        assert [mention.references for mention in REAL.find(text)] == [(("service", "housing"),)]


@given(st.sampled_from(sorted(REAL._names.items())), st.sampled_from([str.upper, str.title, str.lower]))
def test_case_does_not_matter(entry: tuple[str, Reference], change: object) -> None:
    name, reference = entry
    assert callable(change)
    (mention,) = REAL.find(change(name))
    assert mention.references == (reference,)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Oberbürgermeister", "Oberbuergermeister"),
        ("Mülltonne", "MUELLTONNE"),
        ("Stadtplan für Bäume", "stadtplan fuer baeume"),
    ],
)
def test_transcribed_umlauts_do_not_matter(names: NameIndex, written: str, typed: str) -> None:
    assert _found(names, f"die smarte {written}") == _found(names, f"die smarte {typed}")


def test_an_everyday_word_may_mean_several(names: NameIndex) -> None:
    (mention,) = names.find("Was misst ein Sensor?")
    assert mention.generic
    assert {record_id for _, record_id in mention.references} >= {"klimasensoren", "lorawan"}


def test_an_everyday_word_is_marked(names: NameIndex) -> None:
    (roller,) = names.find("Roller")
    assert roller.generic and roller.references == (("initiative", "kruiser"),)
    (kruiser,) = names.find("KRuiser")
    assert not kruiser.generic


@pytest.mark.parametrize(
    "text", ["Leihrad", "Leihrads", "Leihrades", "Leihräder".replace("ä", "a"), "Leihradpreis", "leih-rad", "Leihrda"]
)
def test_inflections_compounds_and_slips(text: str) -> None:
    (mention,) = SAMPLE.find(text)
    assert mention.references == (("initiative", "leihrad"),)
    assert (mention.score == 1.0) == (text in ("Leihrad", "leih-rad"))


def test_a_slip_at_the_end_of_a_long_name_is_no_compound_of_a_short_one() -> None:
    """'Kremint' is a name of it, too; 'eck' would be asked about otherwise."""
    (mention,) = REAL.find("Kreminteck")
    assert mention.references == (("initiative", "kremintec"),) and not mention.rest
    (compound,) = REAL.find("Kremintkurs")
    assert compound.references == (("initiative", "kremintec"),) and compound.rest


@pytest.mark.parametrize("text", ["Rad", "Räder", "Rades", "Rads"])
def test_short_everyday_words(text: str) -> None:
    (mention,) = SAMPLE.find(text)
    assert mention.generic


@pytest.mark.parametrize("text", ["Radau", "Rand", "Laibchen", "Leid", "ab", "x", "Verkauf"])
def test_other_words_are_not_names(text: str) -> None:
    assert SAMPLE.find(text) == []


def test_a_better_reading_wins_its_place() -> None:
    (mention,) = SAMPLE.find("Leihrad Krefeld")
    assert (mention.start, mention.end, mention.score) == (0, 15, 1.0)


def test_two_names_are_found_from_left_to_right() -> None:
    text = "Passamt oder Leihrad?"
    passport, bike = SAMPLE.find(text)
    assert text[passport.start : passport.end] == "Passamt"
    assert text[bike.start : bike.end] == "Leihrad"


def test_ordinary_words_are_never_misread() -> None:
    assert SAMPLE.find("Leihrat")
    assert SAMPLE.find("Leihrat", ordinary={"leihrat"}) == []
    assert SAMPLE.find("Leihrad", ordinary={"leihrad"})


def test_ordinary_words_stand_outside_names() -> None:
    ordinary = ordinary_words(
        [words_around(["Was kostet das Leihrad?"], SAMPLE), words_around(["Wo ist das Leihrat?"], SAMPLE)]
    )
    assert ordinary == {"was", "kostet", "das", "wo", "ist", "leihrat"}


def test_no_ordinary_word_of_the_training_data_is_misread(names: NameIndex, ordinary: frozenset[str]) -> None:
    assert len(ordinary) > 1000
    for word in ordinary:
        assert all(mention.score >= 0.9 for mention in names.find(word, ordinary)), word


SENTENCES = [
    "Guten Tag, ich habe eine Frage.",
    "Wie wird das Wetter in Berlin?",
    "Können Sie mir bitte helfen?",
    "Was gibt es heute zu essen?",
    "Vielen Dank und auf Wiedersehen!",
    "How are you today?",
    "Kreise und Kaiser und Reise",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_what_names_nothing_is_not_misread(names: NameIndex, ordinary: frozenset[str], text: str) -> None:
    assert all(mention.score >= 0.9 for mention in names.find(text, ordinary))


NEAR_NAMES = st.lists(
    st.sampled_from([*REAL._names, *REAL._generic, "was", "der", "Größe", "🙂", "-", "1", "\n", "x" * 30, "K", "É"]),
    max_size=12,
).map(" ".join)


def _sound(index: NameIndex, text: str) -> list[Mention]:
    mentions = index.find(text)
    end = 0
    for mention in mentions:
        assert end <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end].strip() == text[mention.start : mention.end]
        assert 0 < mention.score <= 1
        assert mention.references
        end = mention.end
    return mentions


@given(st.text() | NEAR_NAMES)
def test_any_text_can_be_searched(text: str) -> None:
    _sound(REAL, text)


@given(st.text(max_size=30), st.sampled_from(sorted(SAMPLE._names)), st.text(max_size=30))
def test_offsets_point_at_the_name(before: str, name: str, after: str) -> None:
    text = f"{before} . {name} . {after}"
    found = [m for m in _sound(SAMPLE, text) if m.start <= len(before) + 3 < m.end]
    assert found and name in "".join(fold(text[m.start : m.end]) for m in found)


class _Counting(NameIndex):
    looked_at = 0

    def _match_word(self, word: str, unusual: bool) -> object:  # type: ignore[override]
        self.looked_at += 1
        return super()._match_word(word, unusual)

    def _match_phrase(self, window: str, unusual: bool) -> object:  # type: ignore[override]
        self.looked_at += 1
        return super()._match_phrase(window, unusual)


def test_the_work_grows_with_the_words_not_with_their_square(city: Knowledge) -> None:
    index = _Counting(city)
    for count in (1, 10, 200):
        index.looked_at = 0
        index.find("wort " * count)
        assert index.looked_at <= MAX_WORDS * count


def test_names_that_are_too_far_are_not_compared(names: NameIndex) -> None:
    assert sum(len(same) for same in names._alike.values()) <= len(names._names)
    assert all((name[0], len(name)) == key for key, same in names._alike.items() for name in same)


MANY = 10_000
SYLLABLES = (
    "ba be bo da dri fel ga gro hal ju kar kle lan lo mar mel nor pe qua rin sal sto tal ul vor wil zen zu".split()
)


def _many_names() -> list[str]:
    """Pronounceable names, all different, seeded."""
    rng = random.Random(7)
    found: dict[str, None] = {}
    while len(found) < MANY:
        found["".join(rng.choices(SYLLABLES, k=rng.randint(3, 5))).capitalize()] = None
    return list(found)


def test_ten_thousand_names_are_found_at_a_bounded_cost() -> None:
    """By alias, ending, compound, slip; less than 20 ms of processor time for a message of strange words."""
    names = _many_names()
    index = NameIndex(
        Knowledge(
            initiatives={
                f"n{number}": Initiative(
                    "initiative", f"n{number}", dict.fromkeys(LANGUAGES, name), {}, aliases=(name,), themes=()
                )
                for number, name in enumerate(names)
            }
        )
    )
    rng = random.Random(1)
    drawn = [number for number in rng.sample(range(MANY), 300) if len(names[number]) >= 10]
    ordinary = frozenset("was kostet eigentlich denn der heute und wo steht er".split())
    found = {"alias": 0, "ending": 0, "compound": 0, "slip": 0}
    begun = time.process_time()
    for number in drawn:
        name, place = names[number], rng.randrange(2, len(names[number]) - 1)
        written = {
            "alias": name,
            "ending": f"{name}s",
            "compound": f"{name}preise",
            "slip": name[:place] + name[place + 1 :],
        }
        for kind, said in written.items():
            mentions = index.find(f"Was kostet eigentlich denn der {said} heute und wo steht er", ordinary)
            found[kind] += any(("initiative", f"n{number}") in mention.references for mention in mentions)
    seconds = (time.process_time() - begun) / (4 * len(drawn))
    assert found["alias"] == found["ending"] == len(drawn)
    assert found["compound"] >= 0.95 * len(drawn)
    assert found["slip"] >= 0.85 * len(drawn)  # others are as near
    assert seconds < 0.02
    begun = time.process_time()
    index.find(
        "Quasselstrippe Zaunpfahl Karfunkel Lokomotive Marmelade Norddeich Pergament Ringelnatz Salamander Tarantel"
    )
    assert time.process_time() - begun < 0.1


def test_a_company_within_an_everyday_word_is_not_what_is_named() -> None:
    names = NameIndex(load(read_folder(CITY)))
    (mention,) = names.find("Was kosten die Roller der Stadtwerke?")
    assert mention.references == (("initiative", "kruiser"),)
    (mention,) = names.find("Wie ist die Nummer der Stadtwerke?")
    assert mention.references == (("office", "swk"),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("in den digitalen Schulen", {"digitale_schulen"}),
        ("bei der digitalen Verwaltung", {"digital_administration"}),
        ("das Taxi der Stadtwerke", {"swcar"}),
        ("where is the smrat bin", {"smarte_muelltonne"}),
    ],
)
def test_names_with_another_ending_and_words_around_them(names: NameIndex, text: str, found: set[str]) -> None:
    ordinary = frozenset("in den bei der das where is the taxi".split())
    mentions = names.find(text, ordinary)
    assert {record_id for mention in mentions for _, record_id in mention.references} >= found
    assert "taxes" not in {record_id for mention in mentions for _, record_id in mention.references}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Wie heißt der OB?", True),
        ("wer ist jetzt OB bei uns", True),
        ("wer ist bei uns momentan ob", True),
        ("wer ist jetzt eigentlich ob bei uns, hab die wahl verpennt", True),
        ("wer ist zuständig ob ich das darf", False),
        ("Wer ist zuständig ob mein Antrag durch ist?", False),
        ("wer ist dafür da ob alles sauber ist", False),
        ("wer weiß ob das noch geht", False),
        ("wer ist ob?", True),
        ("Ich wüsste gern, ob, und wenn ja, wann", False),
        ("weiß nicht ob", False),
        ("OB das funktioniert, will ich wissen", False),
        ("ich weiß nicht, ob das noch geht", False),
        ("Weißt du ob es kostenlos ist", False),
        ("ICH WEISS NICHT OB DAS NOCH GEHT", False),
    ],
)
def test_an_abbreviation_that_is_a_common_word_is_one_in_capitals_or_at_the_end(text: str, named: bool) -> None:
    assert (("initiative", "oberbuergermeister") in _found(REAL, text)) == named
