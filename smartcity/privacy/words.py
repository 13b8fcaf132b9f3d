"""Common words, German and English, in small letters: what follows 'ich heiße' or 'Grüße' and is no name."""

COMMON = frozenset(
    """
    ab aber abends abgesehen absolut acht achtung ah alle allem allen aller alles als also alt am an andere
    anderen anders anfang anfrage angebot antwort arbeit auch auf aus außer ausser außerdem bald bei beide beim
    bekannt bereits besser besten bin bis bisher bist bitte bisschen bus bürger bürgerin buerger bürgerinnen da
    dabei dafür dafuer daher dahin damals damit danach danke dann daran darauf darf darum das daß dass dein deine
    dem den denen denn der deren des deshalb dessen dich die dies diese diesem diesen dieser dieses dir doch dort
    drei du durch dürfen ebenso echt eher ein eine einem einen einer eines einfach eigentlich einig einige einmal
    einwohner ende endlich er erst erste es etwa etwas euch euer eure falls falsch fast fertig frage fragen frau
    freue freundin froh für fuer fünf ganz gar geboren geb gegen geht gehört genau genug gerade gern gerne gestern
    geht's gibt ging gleich glaube gut gute guten guter haben habe hab hallo halt hat hatte hätte hätten heute hey
    hi hier hierhin hilfe hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in innen ist ja jede
    jedem jeder jedes jemand jetzt kann kannst kaum kein keine keinen keiner kennzeichen klar komme kommt können
    könnte könnten krank kurz lange lassen leider lieber liebe los mach mache machen macht mal man manche manchmal
    mehr mein meine meinem meinen meiner meinung meist mich mir mit mittag möchte moechte möglich morgen muss müde
    müssen na nach nachher nachname nächste name natürlich nein nennen neu neue neuen neuer nicht nichts nie
    niemand noch nun nur nummer nutzer nutzerin ob oben oder offen ohne okay ok per prima privat projekt raus
    recht richtig rufe rund sage sagen schade schon schön schönen schöne sehen sehr seid sein seine seit seite
    selbst sich sicher sie siehe sind so sogar sollen sollte sollten sonst soweit sowie später spät stadt statt
    stimmt student studentin super tag tage tagen tel telefon tja traurig trotzdem tschüss tun über ueber überall
    übrigens um und uns unser unsere unserem unseren unten unter unterwegs verärgert vergessen verzweifelt
    vielleicht viel viele vielen vom von vor vorbei wann war wäre waren warte warum was weg wegen weil weiter
    welche welcher welches wem wen wenig wenn wer werde werden wie wieder wieso will willkommen wir wird wirklich
    wo woher wohin wohne wohnhaft wohl wollen wollte wurde würde würden zeit zu zufrieden zum zur zurück zusammen
    zwar zwei zwischen mail email e-mail handy adresse straße iban krefeld krefelder krefelderin rentner rentnerin
    mieter mieterin vater mutter gast besucher besucherin oberbürgermeister bürgermeister oberbürgermeisterin
    minister doktor professor nachbar team absender anonym unbekannt privatperson niemandem jemandem jedermann
    lehrer lehrerin schüler schülerin kunde kundin autofahrer autofahrerin radfahrer pendler pendlerin teilnehmer
    teilnehmerin gott hast gekommen gesehen gehen komm kommen steht stehe stehen sitze liege geschrieben gesagt a
    about above after again all and any anyone anything are as ask asking at available away back be because been
    before being best better between both but by call called calling can can't cannot citizen could day did do
    does doesn't doing don't done down each either else enough even ever every everyone everything fine first for
    from full general get getting give glad go going good got great had happy has have having he hello help her
    here him his how i i'd i'm if important interested into is isn't it its just keep know last let like living
    looking lot made make many may me mean might mine more most much my near need never new next no nobody none
    nor not nothing now of off old on once one only open or other our out over own phone please question quite
    ready really regarding resident right same say see she should since some someone something soon sorry still
    such sure tell than thank thanks that the their them then there these they thing this those through time to
    today too tourist trying two under until up us use using very want way we well went were what when where which
    while who why with without won't work working would wrong yes yet you your yours
    """.split()
)
