"""The language of a message: German, English, or not to be told."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.folding import words
from smartcity.nlu.mentions import MASKED

LANGUAGE = "language"
"""Message property (and key of the parse result): 'de', 'en' or None."""

_GERMAN = frozenset(
    """
    der die das den dem des ein eine einen einem einer und oder aber nicht kein keine ist sind war waren wird
    werden hat haben habe hab hast gibt gibts kann konnen kannst konnte darf muss soll sollen will mochte mocht
    ich du er es wir ihr sie mir mich dir dich uns euch ihnen mein meine dein deine sein ihre wie wo wer wann
    warum wieso weshalb was welche welcher welches wen wem woher wohin wozu wofur wieviel von vom zu zum zur mit
    bei beim nach aus auf fur uber unter durch gegen ohne um bis seit ab an im am ans auch noch nur schon mal
    denn doch ja nein bitte danke hallo guten tag morgen abend moin tschuss viele mehr heute hier dort da dazu
    davon dafur daruber kostet kosten preis machen macht mach gehen geht frage fragen brauche brauch kommen
    komme ruf anrufen wissen sagen zeigen suche finde bekomme melden anmelden mitmachen stadt krefeld burgerburo
    ne nen is net nix ned i ma wat dat et isch bedeutet heisst erklaren erklare erzahl erzahle sag zeig zeige
    nenne gib welch ihren ihrer unser unsere dieser diese dieses jetzt immer wieder gerne sehr gut
    """.split()
)
_ENGLISH = frozenset(
    """
    the a an and or but not no is are was were be been being has have had do does did can could may might must
    shall should will would i you he she it we they me him us them my your his our their this that these those
    who what where when why how which whom of to from with by for about into over under out up on at as if then
    than there here any some more much many please thanks thank hello hi hey bye yes yeah okay tell show give
    get find know need want help speak talk call join book use work works cost costs price free open still exist
    exists running old child children kids city people german english language office appointment phone number
    email address responsible idea complaint wheelchair accessible data privacy another other else sorry it's
    what's
    """.split()
)
_SHARED = _GERMAN & _ENGLISH


def identify_language(text: str) -> Optional[str]:
    """'de' or 'en' by function words and letters; None when the text does not show it."""
    german = english = 0.0
    for word in words(text):
        if word.form in _SHARED:
            continue
        german += word.form in _GERMAN
        english += word.form in _ENGLISH
    if any(letter in "äöüßÄÖÜ" for letter in text):
        german += 1
    if german == english:
        return None
    return "de" if german > english else "en"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LanguageIdentifier(GraphComponent):
    """Puts the language of each message into the parse result as `language`.

    Names are masked by then: 'Smart City' is no English.
    """

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageIdentifier:
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            message.set(LANGUAGE, identify_language(message.get(MASKED) or message.get(TEXT) or ""), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data
