"""Rasa runs without TensorFlow, and says so where TensorFlow is really needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from smartcity.runtime import stand_ins


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)


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
