"""One mistake at a time: the check names file, line and remedy."""

from __future__ import annotations

import datetime as dt

import pytest

from smartcity.knowledge.documents import Problem

from .folder import INVENTUR, LEIHRAD, PHRASES, RADSTELLE, SERVICES, VERKEHR, ContentFolder

LATER = (dt.date.today() + dt.timedelta(days=2)).isoformat()


def _at(content: ContentFolder, problem: Problem, file: str, part: str) -> None:
    """The problem stands in `file`, in the first line that holds `part`."""
    assert (problem.file, problem.line) == (f"content/{file}", content.line(file, part))


def test_the_sample_is_sound(content: ContentFolder) -> None:
    assert content.problems() == ()


@pytest.mark.parametrize("text", ["Jahre gibt es das.", "No. 5 is meant.", "No-one knows.", "Nein-Sager sind dort."])
def test_what_only_looks_like_yes_or_no_is_no_problem(content: ContentFolder, text: str) -> None:
    content.edit(LEIHRAD, "en: Leihrad is available.", f'en: "{text}"')
    assert content.problems() == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "part", "message", "remedy"),
    [
        (
            LEIHRAD,
            "state: active",
            "state: active\ncolour: red",
            "colour",
            "Unknown field 'colour'",
            "Use one of: aliases",
        ),
        (LEIHRAD, "  status:\n", "  colour:\n", "facts:", "The field 'status' is missing in facts", "Add 'status:'"),
        (LEIHRAD, "    sources: [seite]\n", "", "status:", "facts.status has no source", "Add 'sources:'"),
        (LEIHRAD, "[seite, blatt]", "[]", "sources: []", "facts.about.sources has no source", "Name at least one key"),
        (
            LEIHRAD,
            "      en: Leihrad is available.\n",
            "",
            "    text:\n      de: Das Leihrad gibt",
            "The language 'en' is missing",
            "Add 'en:'",
        ),
        (
            LEIHRAD,
            "      de-simple: Das Leih-Rad gibt es.\n",
            "",
            "",
            "The language 'de-simple' is missing",
            "Add 'de-simple:'",
        ),
        (
            LEIHRAD,
            "state: active",
            "state: asleep",
            "state:",
            "'asleep' is not allowed in state",
            "Use one of: active, ended, unclear",
        ),
        (LEIHRAD, "id: leihrad", "id: Leihrad!", "id:", "'Leihrad!' is not allowed in id", "Lower-case letters"),
        (LEIHRAD, "https://example.org/leihrad", "example.org", "example.org", "'example.org' is not allowed", "http"),
        (VERKEHR, "order: 1", "order: first", "order:", "order must be of type integer", "Check the indentation"),
        (
            SERVICES,
            "  doors: [radstelle]\n",
            "",
            "reisepass:",
            "The field 'doors' is missing in reisepass",
            "Add 'doors:'",
        ),
        (PHRASES, "  en: Hello.\n", "", "hello:", "The language 'en' is missing in hello", "Add 'en:'"),
        (RADSTELLE, "phone: 02151 123456", "phone: 2151", "phone:", "phone must be of type string", "quotation marks"),
        (INVENTUR, "until: 2026-03-03\n", "", "id:", "The field 'until' is missing in the file", "Add 'until:'"),
        (INVENTUR, "from: 2026-03-02", "from: 2026", "from:", "from must be of type string", "quotation marks"),
        (INVENTUR, "offices:", "office:", "office:", "Unknown field 'office'", "Use one of: from, id, offices"),
        (INVENTUR, "sources:", "source:", "id:", "the file has no source", "Add 'sources:'"),
        (INVENTUR, "    read: 2026-01-15\n", "", "  aushang:", "The field 'read' is missing", "Add 'read:'"),
        (
            INVENTUR,
            "  en: The bike office is closed on 2 and 3 March 2026.\n",
            "",
            "text:",
            "The language 'en' is missing in text",
            "Add 'en:'",
        ),
    ],
)
def test_a_wrong_shape(
    content: ContentFolder, file: str, old: str, new: str, part: str, message: str, remedy: str
) -> None:
    content.edit(file, old, new)
    problem = next(p for p in content.problems() if message in p.message)
    assert remedy in problem.remedy
    assert problem.file == f"content/{file}"
    if part:
        place = content.text(file).index(part)
        assert problem.line == content.text(file).count("\n", 0, place) + 1


@pytest.mark.parametrize("key", ["no", "1", "~", "1.5", "on"])
def test_a_key_that_yaml_reads_as_something_else(content: ContentFolder, key: str) -> None:
    content.edit(PHRASES, "hello:", f"bye: {{de: A, de-simple: A, en: A}}\n{key}:")
    problem = content.problem()
    assert (problem.file, problem.line) == (f"content/{PHRASES}", 2)
    assert problem.message == f"The key '{key}' is read as a number or a truth value."
    assert "quotation marks" in problem.remedy


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "- a\n- b\n", "just words\n"])
def test_a_file_that_holds_no_record(content: ContentFolder, text: str) -> None:
    content.write(LEIHRAD, text)
    problem = content.problem()
    assert (problem.file, problem.line) == (f"content/{LEIHRAD}", 1)
    assert "the file must be of type object" in problem.message


@pytest.mark.parametrize(
    ("file", "old", "new", "part", "message", "remedy"),
    [
        (
            LEIHRAD,
            "[seite, blatt]",
            "[seite, blatt, buch]",
            "buch]",
            "There is no source 'buch'",
            "Use one of: blatt, seite",
        ),
        (LEIHRAD, "[verkehr]", "[bildung]", "[bildung]", "There is no theme 'bildung'", "Use one of: verkehr"),
        (LEIHRAD, "ask: radstelle", "ask: amt", "ask:", "There is no office 'amt'", "Use one of: radstelle"),
        (
            SERVICES,
            "[radstelle]",
            "[radstelle, amt]",
            "[radstelle, amt]",
            "There is no office 'amt'",
            "Use one of: radstelle",
        ),
        (
            LEIHRAD,
            "state: active",
            "state: ended",
            "state:",
            "The state is 'ended', but nothing tells citizens",
            "Add 'notice:'",
        ),
        (
            LEIHRAD,
            "state: active",
            "state: unclear",
            "state:",
            "The state is 'unclear', but nothing tells",
            "Add 'notice:'",
        ),
        (
            LEIHRAD,
            "id: leihrad",
            "id: mietrad",
            "id:",
            "The id 'mietrad' is not the file's name",
            "Name the file mietrad.yml",
        ),
        (
            LEIHRAD,
            "de: Das Leihrad gibt es.",
            "de: Ja, das Leihrad gibt es.",
            "Ja,",
            "begins with yes or no",
            "statement",
        ),
        (
            LEIHRAD,
            "Das Leih-Rad gibt es.",
            "Nein. Es ist weg.",
            "de-simple: Nein",
            "yes or no",
            "statement",
        ),
        (LEIHRAD, "en: Leihrad is available.", "en: Yes, it is.", "en: Yes", "begins with yes or no", "statement"),
        (
            LEIHRAD,
            "    sources: [seite, blatt]",
            "    sources: [blatt]",
            "[blatt]",
            "Only sources of low quality",
            "Add a better source",
        ),
        (
            LEIHRAD,
            "    sources: [seite, blatt]",
            "    sources: [seite]",
            "  blatt:",
            "The source 'blatt' supports no fact",
            "Use it or take it out",
        ),
        (
            LEIHRAD,
            "date: 2024-05",
            "date: 2024-13",
            "2024-13",
            "'2024-13' is not a date",
            "Write YYYY, YYYY-MM, YYYY-MM-DD or 'unknown'",
        ),
        (LEIHRAD, "date: 2024-05", "date: 2023-02-29", "2023-02-29", "is not a date", "Write YYYY"),
        (LEIHRAD, "date: 2024-05", "date: May 2024", "May 2024", "'May 2024' is not a date", "Write YYYY"),
        (LEIHRAD, "date: 2024-05", "date: 20240517", "20240517", "'20240517' is not a date", "Write YYYY"),
        (LEIHRAD, "date: 2024-05", f"date: {LATER}", LATER, "lies in the future", "Write YYYY"),
        (VERKEHR, "date: 2024", "date: 9999", "9999", "The date '9999' lies in the future", "Write YYYY"),
        (
            LEIHRAD,
            "read: 2026-01-15",
            "read: 15.01.2026",
            "15.01.2026",
            "'15.01.2026' is not a day",
            "Write the day as YYYY-MM-DD",
        ),
        (
            LEIHRAD,
            "read: 2026-01-15",
            "read: '2026-W03'",
            "2026-W03",
            "'2026-W03' is not a day",
            "Write the day as YYYY-MM-DD",
        ),
        (
            LEIHRAD,
            "read: 2026-01-15",
            "read: '2026-W03-4'",
            "2026-W03-4",
            "'2026-W03-4' is not a day",
            "Write the day as YYYY-MM-DD",
        ),
        (LEIHRAD, "read: 2026-01-15", f"read: {LATER}", LATER, "lies in the future", "Write the day of reading"),
        (
            PHRASES,
            "  de: Guten Tag.",
            f"  de: {'Wort ' * 61}",
            "Wort Wort",
            "The text has 61 words",
            "Say it in at most 60",
        ),
        (
            LEIHRAD,
            "Leihrad is available.",
            f"{'word ' * 61}",
            "word word",
            "The text has 61 words",
            "Say it in at most 60",
        ),
        (
            LEIHRAD,
            "de-simple: Das Leih-Rad gibt es.",
            "de-simple: Das ist der Preis des Rades.",
            "Preis des",
            "Leichte Sprache:",
            "genitive",
        ),
    ],
)
def test_a_wrong_sense(
    content: ContentFolder, file: str, old: str, new: str, part: str, message: str, remedy: str
) -> None:
    content.edit(file, old, new)
    problem = content.problem()
    _at(content, problem, file, part)
    assert message in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("old", "new", "part", "message", "remedy"),
    [
        ("[radstelle]", "[radstelle, amt]", "amt]", "There is no office 'amt'", "Use one of: radstelle"),
        ("until: 2026-03-03", "until: 2026-03-01", "until:", "ends before it begins (2026-03-02)", "'from' or later"),
        ("until: 2026-03-03", "until: 2027-04-06", "until:", "The notice lasts 401 days", "Write at most 400"),
        ("until: 2026-03-03", "until: 2026-02-29", "until:", "'2026-02-29' is not a day", "YYYY-MM-DD"),
        ("until: 2026-03-03", "until: '20260303'", "until:", "'20260303' is not a day", "YYYY-MM-DD"),
        ("from: 2026-03-02", "from: 2.3.2026", "from:", "'2.3.2026' is not a day", "YYYY-MM-DD"),
        ("from: 2026-03-02", "from: 2026-03", "from:", "'2026-03' is not a day", "YYYY-MM-DD"),
        ("from: 2026-03-02", "from: '2026-W10-1'", "from:", "'2026-W10-1' is not a day", "YYYY-MM-DD"),
        ("id: inventur", "id: zaehlung", "id:", "The id 'zaehlung' is not the file's name", "zaehlung.yml"),
        ("01-15\n", "01-15\n    quality: low\n", "sources:", "Only sources of low quality", "Add a better source"),
        ("read: 2026-01-15", f"read: {LATER}", "read:", "lies in the future", "Write the day of reading"),
        ("date: 2026-01", "date: 9999", "date:", "lies in the future", "Write YYYY"),
        ("The bike office", "word " * 61, "  en:", "words", "Say it in at most 60"),
        ("Das ist am", "Das ist die Zeit des Zählens am", "  de-simple:", "Leichte Sprache:", "genitive"),
    ],
)
def test_a_wrong_notice(content: ContentFolder, old: str, new: str, part: str, message: str, remedy: str) -> None:
    content.edit(INVENTUR, old, new)
    problem = content.problem()
    _at(content, problem, INVENTUR, part)
    assert message in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("until: 2026-03-03", "until: 2026-03-02"),
        ("until: 2026-03-03", "until: 2027-04-05"),
        ("2026-03-0", "9999-12-0"),
        ("offices: [radstelle]\n", ""),
        ("[radstelle]", "[]"),
    ],
    ids=["one day", "400 days", "yet to come", "no offices", "empty offices"],
)
def test_a_good_notice(content: ContentFolder, old: str, new: str) -> None:
    content.edit(INVENTUR, old, new, count=2)
    assert content.problems() == ()


def test_the_id_of_a_notice_may_stand_once(content: ContentFolder) -> None:
    content.write("notices/inventur.yaml", content.text(INVENTUR))
    assert content.problem().message == "The id 'inventur' is taken by content/notices/inventur.yaml."


@pytest.mark.parametrize("date", ["2024", "2024-05", "2024-02-29", "unknown", dt.date.today().isoformat()])
def test_a_good_date(content: ContentFolder, date: str) -> None:
    content.edit(LEIHRAD, "date: 2024-05", f"date: {date}")
    assert content.problems() == ()


def test_sixty_words_are_not_too_many(content: ContentFolder) -> None:
    content.edit(PHRASES, "  de: Guten Tag.", f"  de: {'Wort ' * 60}")
    assert content.problems() == ()


def test_an_end_that_is_told_is_sound(content: ContentFolder) -> None:
    notice = "state: ended\nnotice:\n  text: {de: Ende., de-simple: Ende., en: Over.}\n  sources: [seite]\n"
    content.edit(LEIHRAD, "state: active\n", notice)
    assert content.problems() == ()


@pytest.mark.parametrize("name", ["Leihrad", "LEIHRAD", "Leih-Rad", "leih  rad", "Laihrad", "rental bike"])
@pytest.mark.parametrize(("file", "old"), [(RADSTELLE, "Radbüro"), (SERVICES, "Passamt")])
def test_a_name_may_mean_one_record_only(content: ContentFolder, file: str, old: str, name: str) -> None:
    content.edit(file, old, name)
    problem = content.problem()
    _at(content, problem, file, name)
    assert problem.message == f"The name '{name}' belongs to 'leihrad' already (content/{LEIHRAD})."
    assert "use 'generic' in both" in problem.remedy


def test_one_record_may_repeat_its_name(content: ContentFolder) -> None:
    content.edit(RADSTELLE, "Radbüro", "Radstelle Krefeld")
    assert content.problems() == ()


def test_everyday_words_may_be_shared(content: ContentFolder) -> None:
    content.twin("tandem", "Tandem", generic=["Rad"])
    assert content.problems() == ()


def test_an_id_may_stand_once(content: ContentFolder) -> None:
    content.write("initiatives/leihrad.yaml", content.text(LEIHRAD))
    problem = content.problem()
    assert problem.file == f"content/{LEIHRAD}"
    assert problem.message == "The id 'leihrad' is taken by content/initiatives/leihrad.yaml."


def test_a_phrase_may_stand_once(content: ContentFolder) -> None:
    content.write("phrases/again.yml", "bye: {de: A, de-simple: A, en: A}\nhello: {de: A, de-simple: A, en: A}\n")
    problem = content.problem()
    assert problem.file == f"content/{PHRASES}"
    assert problem.message == "The phrase 'hello' stands in content/phrases/again.yml too."


def test_every_problem_is_told_at_once(content: ContentFolder) -> None:
    content.edit(LEIHRAD, "ask: radstelle", "ask: amt")
    content.edit(VERKEHR, "date: 2024", "date: 9999")
    content.edit(SERVICES, "[radstelle]", "[amt]")
    assert {problem.file for problem in content.problems()} == {
        f"content/{LEIHRAD}",
        f"content/{VERKEHR}",
        f"content/{SERVICES}",
    }


def test_unreadable_files_are_told_at_once(content: ContentFolder) -> None:
    content.edit(LEIHRAD, "id: leihrad", "id: leihrad\nid: leihrad")
    content.edit(VERKEHR, "order: 1", "order: [1")
    (content.root / RADSTELLE).write_bytes("id: büro".encode("latin-1"))
    messages = {problem.file: problem.message for problem in content.problems()}
    assert "a second time" in messages[f"content/{LEIHRAD}"]
    assert "not valid YAML" in messages[f"content/{VERKEHR}"]
    assert "not UTF-8" in messages[f"content/{RADSTELLE}"]
