"""German and English words that tell nothing of what a text is about, folded.

Content has few records, so that 'geht' or 'auch' is as rare there as a telling word.
"""

from __future__ import annotations

FUNCTION_WORDS = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner dieser diese dieses diesen
    diesem jeder jede jedes jeden alle alles allen manche welche welcher welches welchen
    ich mich mir wir uns ihr euch ihnen sie ihn ihm ihre ihren ihrem ihrer mein meine meinen meinem meiner dein deine
    deinen sein seine seinen seinem seiner unser unsere unseren euer eure man wer wen wem was wie wann warum wieso
    weshalb wieviel wohin woher wozu wofur womit woran worum
    und oder aber denn weil dass wenn falls damit sondern auch nur noch schon mal doch eben halt eigentlich uberhaupt
    immer wieder nie oft selten jetzt dann hier dort dahin daher dazu dafur davon dabei darin daran daruber dadurch
    sehr ganz mehr viel viele wenig etwas nichts nicht nein bitte danke gern gerne vielleicht sonst also etwa ungefahr
    von vom zum zur mit ohne bei beim nach aus auf fur uber unter vor hinter durch gegen bis seit zwischen wegen
    ist sind war waren sei bin bist wird werden wurde wurden worden hat haben habe hast hatte hatten hattet
    kann kannst konnen konnt konnte konnten darf durfen muss mussen musste soll sollen sollte will willst wollen wollte
    mochte mochten mag gibt gibts gab geht gehts gehen ging macht machen gemacht kommt kommen komm komme kam sagen sag
    sagt weiss wissen genau heisst
    net nix nen isch wat dat ned
    the this that these those and but not nor for with from into onto over under about what when where who whom whose
    which why how are was were been being has have had having does did doing can could may might must shall should
    will would you your yours they them their there here some any all every each more most much many very just only
    also too please thanks get got its our ours him his her hers she
    """.split()
)
