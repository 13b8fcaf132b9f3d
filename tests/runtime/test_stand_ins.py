"""Rasa runs without TensorFlow, and says so where TensorFlow is really needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from smartcity.runtime import command, stand_ins


def _python(code: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **changes})


def test_rasa_cannot_be_imported_without_the_stand_ins() -> None:
    bare = _python("import rasa.core.agent")
    assert bare.returncode != 0
    assert "No module named" in bare.stderr


def test_rasa_is_imported_with_the_stand_ins_and_without_tensorflow() -> None:
    repaired = _python(
        "from smartcity.runtime import stand_ins; stand_ins.install()\n"
        "import rasa.core.agent, rasa.engine.recipes.default_recipe, sys\n"
        "import tensorflow; print(type(tensorflow).__name__)"
    )
    assert repaired.returncode == 0, repaired.stderr
    assert repaired.stdout.strip() == "_AbsentModule"


def test_an_installed_package_wins() -> None:
    code = (
        "import sys, types\n"
        "from smartcity.runtime import stand_ins; stand_ins.install()\n"
        "stand_ins.ABSENT['json'] = 'nothing'\n"
        "import json; print(json.dumps([1]))"
    )
    assert _python(code).stdout.strip() == "[1]"


def test_names_of_an_absent_package_can_be_subclassed_but_not_called() -> None:
    import tensorflow as tf  # type: ignore[import-not-found]

    class Layer(tf.keras.layers.Layer):  # type: ignore[misc]
        pass

    assert issubclass(Layer, tf.keras.layers.Layer)
    with pytest.raises(stand_ins.AbsentPackageError, match=r"'tensorflow'.*config\.yml"):
        tf.constant(1)


@pytest.mark.parametrize("name", ["DIETClassifier", "TEDPolicy", "ResponseSelector", "UnexpecTEDIntentPolicy"])
def test_a_component_that_needs_tensorflow_is_refused_with_what_to_do(name: str) -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.exceptions import InvalidConfigException

    with pytest.raises(InvalidConfigException, match=f"'{name}'.*left out.*make test-stock"):
        DefaultV1Recipe._from_registry(name)


def test_a_component_without_tensorflow_is_not_refused() -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe

    assert DefaultV1Recipe._from_registry("RulePolicy").clazz.__name__ == "RulePolicy"


SERVE = (
    "import sys\n"
    "from smartcity.runtime import stand_ins\n"
    "stand_ins.spare()\n"
    "from smartcity.runtime.command import prepare\n"
    "from smartcity.settings import read_settings\n"
    "prepare(read_settings())\n"
)


def test_a_server_is_spared_what_only_training_uses(tmp_path: Path) -> None:
    served = _python(
        SERVE + "import rasa.core.run, rasa.engine.recipes.default_recipe\n"
        "from smartcity.runtime.local_assistant import LocalAssistant\n"
        "from smartcity.runtime.model import model_path\n"
        "said = LocalAssistant(read_settings(), model_path()).say('was kostet das wlan')\n"
        "print(bool(said), [n for n in stand_ins.SPARED if getattr(sys.modules.get(n), '__file__', None)])",
        SMARTCITY_VAR=str(tmp_path),
    )
    assert served.returncode == 0, served.stderr
    assert served.stdout.splitlines()[-1] == "True []"


def test_what_needs_it_all_the_same_is_told_so(tmp_path: Path) -> None:
    served = _python(SERVE + "import sklearn.svm\nsklearn.svm.LinearSVC()", SMARTCITY_VAR=str(tmp_path))
    assert "'sklearn' (training, and components of Rasa that learn) is not loaded" in served.stderr


@pytest.mark.parametrize(
    ("pipeline", "spared"),
    [
        ("[{name: smartcity.nlu.intents.VotingIntentClassifier}]", True),
        ("[{name: LogisticRegressionClassifier}]", False),
        ("[{}]", False),
        ("[", False),
    ],
)
def test_components_of_rasa_that_learn_keep_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pipeline: str, spared: bool
) -> None:
    config = tmp_path / "config.yml"
    config.write_text(f"pipeline: {pipeline}\npolicies: [{{name: RulePolicy}}]\n", "utf-8")
    monkeypatch.setattr(command, "CONFIG", config)
    assert command._learns_nothing() is spared
