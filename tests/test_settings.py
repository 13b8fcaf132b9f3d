from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartcity.settings import PREFIX, SETTINGS, SettingError, read_settings


def test_nothing_set_is_enough() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.limits) == ("127.0.0.1", 8080, True)
    assert settings.var == Path("var")
    assert settings.origins == ()


def test_an_empty_value_means_the_default() -> None:
    assert read_settings({"SMARTCITY_PORT": ""}).port == 8080


def test_every_setting_is_explained_and_has_a_good_default() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    for setting in SETTINGS:
        assert re.fullmatch(r"[A-Z][A-Z_]*", setting.name)
        assert setting.help.endswith(".") and setting.expected
        setting.parse(setting.default)
        assert hasattr(read_settings({}), setting.name.lower())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "80", 80),
        ("LIMITS", "OFF", False),
        ("MAX_TEXT", "5", 5),
        ("SESSION_HOURS", "0.5", 0.5),
        ("ACTIONS", "http", "http"),
        ("CONTENT", "https://cms.example/export", "https://cms.example/export"),
        ("ORIGINS", "https://a.de, http://localhost:3000/,", ("https://a.de", "http://localhost:3000")),
        ("SECRET", "s" * 32, "s" * 32),
    ],
)
def test_a_good_value(name: str, text: str, value: object) -> None:
    assert getattr(read_settings({f"SMARTCITY_{name}": text}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("RASA_PORT", "-1"),
        ("ACTIONS", "https"),
        ("LIMITS", "maybe"),
        ("MESSAGES_PER_MINUTE", "0"),
        ("MAX_TEXT", "1.5"),
        ("SESSION_HOURS", "0"),
        ("SESSION_HOURS", "nan"),
        ("ANSWER_SECONDS", "inf"),
        ("ORIGINS", "a.de"),
        ("ORIGINS", "https://a.de/chat"),
        ("ORIGINS", "https://"),
        ("ORIGINS", "https://a.de,*"),
    ],
)
def test_a_bad_value_names_setting_value_and_what_is_expected(name: str, text: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({f"SMARTCITY_{name}": text})
    expected = next(setting.expected for setting in SETTINGS if setting.name == name)
    assert str(refused.value) == f"SMARTCITY_{name}: '{text}' cannot be used; expected {expected}."


def test_a_bad_secret_is_not_shown() -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({"SMARTCITY_SECRET": "short-secret"})
    assert "SMARTCITY_SECRET" in str(refused.value) and "at least 32" in str(refused.value)
    assert "short-secret" not in str(refused.value)


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(SettingError, match=r"SMARTCITY_PROT is no setting\. Known are: .*SMARTCITY_PORT"):
        read_settings({"SMARTCITY_PROT": "80"})


def test_other_variables_do_not_matter() -> None:
    assert read_settings({"PORT": "nonsense", "PATH": "/bin"}).port == 8080


def test_what_the_runtime_sets_for_rasa_is_known() -> None:
    read_settings({"SMARTCITY_INTERNAL_SECRET": "x", "SMARTCITY_TRACKER_DB": "y", "SMARTCITY_ACTIONS_URL": "z"})


def test_a_setting_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="There is no setting 'colour'"):
        read_settings({}).colour  # noqa: B018


@given(st.sampled_from([setting.variable for setting in SETTINGS]), st.text())
def test_any_value_is_taken_or_refused_with_a_sentence(variable: str, text: str) -> None:
    try:
        read_settings({variable: text})
    except SettingError as error:
        assert str(error).startswith(f"{variable}: ") and "expected" in str(error)


# Secrets


def _secret(var: Path, purpose: str = "sessions", **environ: str) -> str:
    return read_settings({f"{PREFIX}VAR": str(var), **environ}).secret_for(purpose)


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    first = _secret(tmp_path / "deep" / "var")
    assert re.fullmatch(r"[0-9a-f]{64}", first)
    assert _secret(tmp_path / "deep" / "var") == first


def test_only_its_owner_reads_the_secret(tmp_path: Path) -> None:
    _secret(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_each_purpose_and_each_city_has_its_own(tmp_path: Path) -> None:
    assert len({_secret(tmp_path / var, purpose) for var in "ab" for purpose in ("sessions", "internal")}) == 4


def test_a_given_secret_counts_and_nothing_is_written(tmp_path: Path) -> None:
    given_one = _secret(tmp_path / "a", SMARTCITY_SECRET="s" * 40)
    assert given_one == _secret(tmp_path / "b", SMARTCITY_SECRET="s" * 40)
    assert "s" * 40 not in given_one
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("broken", ["", "short", "\n"])
def test_a_broken_secret_is_replaced(tmp_path: Path, broken: str) -> None:
    (tmp_path / "secret").write_text(broken)
    first = _secret(tmp_path)
    assert len((tmp_path / "secret").read_text().strip()) == 64
    assert _secret(tmp_path) == first


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: _secret(tmp_path), range(64)))) == 1
