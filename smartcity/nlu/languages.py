"""The language of a message: German, English, another one, or not to be told."""

from __future__ import annotations

import unicodedata
from typing import Any, Dict, List, Optional, Sequence, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from smartcity.knowledge.folding import forms_of
from smartcity.nlu.mentions import MASKED

LANGUAGE = "language"
"""Message property (and key of the parse result): ISO 639-1 code, OTHER for one that is not told, or None."""
OTHER = "other"
SPOKEN = ("de", "en")
"""Languages that the assistant answers in."""

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
_GERMAN |= frozenset("in un en".split())
_ENGLISH |= frozenset("in come also too just person".split())
"""Words that other languages have as well and that alone show none."""
_SHARED = _GERMAN & _ENGLISH
_WORDS = {
    "tr": """bir bu ve icin nasıl nasil nerede ne var mı mi mu musunuz misiniz istiyorum nedir kadar merhaba lutfen
        tesekkurler almanca turkce konusuyor yok ben bana kac zaman hangi yardım yardim
        uzgunum almanca ingilizce anlıyorum yazın veya ya da""",
    "pl": """jest czy jak gdzie kiedy ile nie sie i w na do co to prosze dziekuje dzien dobry mozna moge mam chce po
        polsku jaki jaka potrzebuje kosztuje miasta
        rozumiem tylko niemiecki angielski pisac niemiecku angielsku lub albo biurem""",
    "nl": """het een hoe waar wanneer kunt voor niet zijn welke graag mijn gaat ook naar jullie hebben wordt hoeveel
        heb wil goedendag alstublieft dank kost ik van wij u kan spreekt nederlands begrijp alleen
        duits engels schrijf neem met op""",
    "fr": """le la les des est une un et ou comment combien pour je vous nous avec dans que qui bonjour merci quand
        quel quelle sur pas parlez francais coute puis sont mon ma du au en desole comprends veuillez
        allemand anglais""",
    "es": """el la los las es una un y como cuanto para yo usted con en que quien hola gracias cuando donde cual
        por esta hay tiene puedo quiero habla espanol cuesta necesito lo siento solo aleman ingles mi su se
        entiendo escriba pongase contacto oficina""",
    "it": """il lo gli e una un come quanto per io lei con che chi ciao grazie quando dove quale sono ho posso vorrei
        parla italiano costa buongiorno della di c capisco solo tedesco inglese scriva mi in
        dispiace oppure contatti ufficio""",
    "pt": """o os as uma um como quanto para eu voce com em que quem ola obrigado quando onde qual por esta ha tem
        posso quero fala portugues custa nao preciso
        lamento entendo alemao ingles escreva em contacte gabinete""",
    "ro": """este un o si cum cat pentru eu dumneavoastra cu in ce cine buna ziua multumesc cand unde care sunt am
        pot vreau vorbiti romana costa va rog
        imi pare rau inteleg doar germana engleza scrieti sau ori sa""",
}
_OTHERS = {
    code: frozenset(word for word in listed.split() if len(word) > 1) - _GERMAN - _ENGLISH - {"per"}
    for code, listed in _WORDS.items()
}
_LETTERS = (("tr", "ışğİ"), ("pl", "łąężćńśź"), ("ro", "țșăâî"), ("es", "ñ¿¡"), ("pt", "ãõ"), ("fr", "çèêœ"))
"""Letters of one language that German and English do not have."""
_UKRAINIAN = frozenset("що як де чи коли скільки будь ласка дякую привіт добрий день це мені ви".split())
_PERSIAN = frozenset("پچژگکی")
_SCRIPTS = (("ARABIC", "ar"), ("CYRILLIC", "ru"), ("GREEK", "el"))
LEAST_WORDS, LEAST_SHARE = 2, 0.3
"""Function words of another language that a text must hold, and their share of all words."""


def identify_language(text: str) -> Optional[str]:
    """'de' or 'en' by function words and letters; another language where it is certain; else None."""
    script = _by_script(text)
    if script:
        return script
    german = english = 0.0
    forms = forms_of(text)
    for form in forms:
        if form not in _SHARED:
            german += form in _GERMAN
            english += form in _ENGLISH
    other, hits = _other(text, forms)
    if other and hits > max(german, english):
        return other
    if any(letter in "äöüßÄÖÜ" for letter in text):
        german += 1
    if german == english:
        return None
    return "de" if german > english else "en"


def _by_script(text: str) -> Optional[str]:
    """The language of a text most of whose letters are not Latin."""
    foreign = [letter for letter in text if letter.isalpha() and ord(letter) >= 0x370]
    if not foreign or len(foreign) * 2 < sum(letter.isalpha() for letter in text):
        return None
    name = unicodedata.name(foreign[0], "")
    language = next((code for script, code in _SCRIPTS if name.startswith(script)), OTHER)
    if language == "ru" and (set("іїєґ") & set(text.casefold()) or _UKRAINIAN & set(text.casefold().split())):
        return "uk"
    return "fa" if language == "ar" and len(_PERSIAN & set(text)) > 0 else language


def _other(text: str, forms: Sequence[str]) -> Tuple[Optional[str], int]:
    """The other language with Latin letters whose function words and letters are most frequent, and how many."""
    marked = {code: any(letter in letters for letter in text) for code, letters in _LETTERS}
    counts = {code: sum(form in listed for form in forms) + marked.get(code, False) for code, listed in _OTHERS.items()}
    code = max(sorted(counts), key=lambda name: counts[name])
    if counts[code] < LEAST_WORDS or counts[code] < LEAST_SHARE * len(forms):
        return None, 0
    return code, counts[code]


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


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OtherLanguageClassifier(GraphComponent, IntentClassifier):
    """Gives messages in a language that the assistant does not speak the intent `intent`."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"intent": "other_language"}

    def __init__(self, config: Dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OtherLanguageClassifier:
        if not isinstance(config["intent"], str) or not config["intent"]:
            raise InvalidConfigException("OtherLanguageClassifier: intent must be a name in config.yml.")
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(LANGUAGE) not in (None, *SPOKEN):
                intent = {INTENT_NAME_KEY: self._config["intent"], PREDICTED_CONFIDENCE_KEY: 1.0}
                message.set(INTENT, intent, add_to_output=True)
        return messages
