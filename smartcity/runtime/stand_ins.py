"""Import stand-ins for packages that Rasa imports and this project never uses.

Where: rasa.utils.tensorflow, rasa.core.tracker_store, rasa.core.channels, rasa.nlu.persistor and
others import TensorFlow, cloud and messenger clients when they are loaded, whatever the
configuration. Why: TensorFlow 2.12 does not exist for Python 3.12 and costs 1.9 GB of disk,
320 MB of memory and 10 seconds at every start. What: names can be imported and subclassed;
whatever calls one is told in a sentence what is missing. A server that answers is spared what
only training, tests and Rasa's dialogues in the terminal use, though it is installed.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import resources
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Container, Dict, Optional, Sequence

ABSENT: Dict[str, str] = {
    "aiogram": "the Telegram channel of Rasa",
    "boto3": "Amazon's cloud",
    "botocore": "Amazon's cloud",
    "engineio": "the Socket.IO channel of Rasa",
    "fbmessenger": "the Facebook channel of Rasa",
    "google": "Google's cloud and chat",
    "keras": "neural components",
    "matplotlib": "pictures of rasa test; requirements/dev.lock has it",
    "mattermostwrapper": "the Mattermost channel of Rasa",
    "pymongo": "the MongoDB tracker store",
    "rocketchat_API": "the Rocket.Chat channel of Rasa",
    "sentry_sdk": "error reports to outside",
    "slack_sdk": "the Slack channel of Rasa",
    "socketio": "the Socket.IO channel of Rasa",
    "tensorflow": "neural components",
    "tensorflow_hub": "neural components",
    "tensorflow_text": "neural components",
    "twilio": "the Twilio channel of Rasa",
    "webexteamssdk": "the Webex channel of Rasa",
}
"""Top-level package by what it would be for."""
SPARED: Dict[str, str] = {
    "matplotlib": "pictures of rasa test",
    "prompt_toolkit": "rasa interactive",
    "questionary": "rasa interactive",
    "redis": "what several processes share",
    "scipy": "training, and components of Rasa that learn",
    "sklearn": "training, and components of Rasa that learn",
}
"""What a server does without, though it is installed."""


class AbsentPackageError(RuntimeError):
    """Something really needs a package that this environment leaves out."""


class _Absent(type):
    """Class of every name in an absent package: can be named and subclassed, not called."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _absent(f"{cls.__qualname__}.{name}")

    def __getitem__(cls, item: Any) -> Any:
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        package = str(cls.__dict__.get("absent_package", ""))
        if package:
            raise AbsentPackageError(refusal(package))
        return super().__call__(*args, **kwargs)


@cache
def _absent(qualified_name: str) -> Any:
    package = qualified_name.split(".", 1)[0]
    return _Absent(qualified_name, (), {"absent_package": package})


def refusal(package: str) -> str:
    """The sentence for whoever needs an absent package."""
    if package in SPARED and package not in ABSENT:
        return f"'{package}' ({SPARED[package]}) is not loaded while the assistant serves. Start it again."
    return (
        f"'{package}' ({ABSENT.get(package, 'not used here')}) is left out of this environment. "
        "Choose a component that does without it in config.yml, or run the same project files under stock Rasa "
        "(make test-stock shows how)."
    )


class _AbsentModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _absent(f"{self.__name__}.{name}")


class _Finder(MetaPathFinder, Loader):
    """Stands in for the packages of `names`. Asked last, an installed package wins; asked first, the stand-in."""

    def __init__(self, names: Container[str]) -> None:
        self.names = names

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        if fullname.split(".", 1)[0] in self.names:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _AbsentModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        return None


def install() -> None:
    """Answer imports of absent packages from now on; again does nothing."""
    if not any(isinstance(finder, _Finder) and finder.names is ABSENT for finder in sys.meta_path):
        sys.meta_path.append(_Finder(ABSENT))
    _quiet_structlog_sentry()


def spare(kept: Container[str] = ()) -> None:
    """Leave out what a server does not use, but for `kept` and what is there already."""
    sys.meta_path.insert(0, _Finder({name for name in SPARED if name not in kept and name not in sys.modules}))
    # structlog takes it for tracebacks, which stand as text in our logs; it does without.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
    if "pkg_resources" not in sys.modules:
        sys.modules["pkg_resources"] = _files_of_packages()


def _files_of_packages() -> ModuleType:
    """What Rasa's server asks pkg_resources for, without its look at every package that is installed."""
    module = ModuleType("pkg_resources")
    setattr(module, "resource_filename", lambda package, name: str(resources.files(package) / name))
    return module


def _quiet_structlog_sentry() -> None:
    """rasa.utils.log_utils puts this processor into every logger; without Sentry it passes events on."""
    if "structlog_sentry" in sys.modules:
        return

    class SentryProcessor:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            pass

        def __call__(self, logger: Any, name: str, event: Any) -> Any:
            return event

    module = ModuleType("structlog_sentry")
    setattr(module, "SentryProcessor", SentryProcessor)
    sys.modules["structlog_sentry"] = module


def refuse_components() -> None:
    """Make the recipe refuse a component that needs an absent package, before anything trains.

    Where: rasa.engine.recipes.default_recipe.DefaultV1Recipe._from_registry.
    """
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.exceptions import InvalidConfigException

    original = DefaultV1Recipe._from_registry.__func__  # type: ignore[attr-defined]
    if getattr(original, "refuses_absent", False):
        return

    def checked(cls: Any, name: str) -> Any:
        component = original(cls, name)
        package = _absent_package_of(component.clazz)
        if package:
            raise InvalidConfigException(f"The component '{name}' in config.yml cannot be used: {refusal(package)}")
        return component

    setattr(checked, "refuses_absent", True)
    setattr(DefaultV1Recipe, "_from_registry", classmethod(checked))


def _absent_package_of(component: type) -> str:
    """The absent package that the component's own modules import, '' for none."""
    for base in component.__mro__:
        for value in vars(sys.modules[base.__module__]).values():
            if isinstance(value, _AbsentModule):
                return value.__name__.split(".", 1)[0]
    return ""
