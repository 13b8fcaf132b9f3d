"""Given names that are frequent in Germany and among its neighbours, in small letters."""

GIVEN_NAMES = frozenset(
    """
    aaron abdul abdullah achim adam adele adelheid adem adrian agnes ahmad ahmed ahmet aische aisha akin albert
    alessandro alessia alex alexander alexandra alexandros alexej alfred ali alice alina alma almut alwin amalia amara
    amelie amin amina amir amira amy ana anastasia andre andrea andreas andreea andrej andrew andrzej anette angela
    angelika angelina anita anja anke ann anna annabell annalena anne annegret annelie anneliese annemarie annette
    annika anton antonia antonio arda ariane armin arne arnold arthur artur ashley astrid asya axel aydin ayla
    ayse ayşe azra barbara bastian beate beatrice beatrix ben benedikt benjamin bernadette bernd bernhard bert berta
    berthold bettina bianca birgit birgitta björn bjoern bodo bogdan brandon brian brigitta brigitte britta bruno
    burak burkhard canan carina carl carla carlos carmen carola carolin caroline carsten caspar catherine cedric
    celina cem cemal charles charlotte chiara chloe chris christa christel christian christiane christina christine
    christof christoph christopher claas clara claudia claus clemens colin connor conny constantin cora corinna
    cornelia cornelius dagmar damian daniel daniela daniele danuta dariusz david deborah denis denise dennis
    deniz derya detlef detlev diana diego dieter dietmar dietrich dilara dimitri dirk dmitri dominic dominik dora
    doreen doris dorothea dorothee dragan eberhard ebru eckhard edeltraud edgar edith eduard edward egon ekaterina
    elena eleonore elfriede elias elif elisa elisabeth elizabeth elke ella ellen elmar elsa elsbeth elvira emil emilia
    emilie emily emine emir emma emre enes engin enrico erdal eric erich erik erika erkan erna ernst erwin esra
    esther ethan eugen eva eveline evelyn ewa ewald fabian fabienne fabio fatih fatima fatma felicitas felix ferdinand
    filip finn fiona flora florian francesca francesco frank franz franziska franka fred frederic frederik frida
    frieda friedbert friedel friedhelm friedrich frieder fritz gabi gabriel gabriela gabriele galina georg george
    georgios gerald gerd gerda gereon gerhard gerlinde gernot gero gert gertrud gesa gianna gina giorgio giovanni
    gisela giulia giuseppe gottfried graham greta grete grit gudrun guido guenter guenther gundula günter günther
    gustav hakan hamza hanna hannah hanne hannelore hannes hans harald harry hartmut hasan hassan hatice hedwig heide
    heidemarie heidi heike heiko heiner heinrich heinz helen helena helene helga hella helmut helmuth henning henri
    henriette henrik henry herbert hermann hermine herta hilal hilde hildegard hiltrud holger horst hubert hugo
    hülya huelya hussein hüseyin ibrahim ida ilka ilona ilse imke ina ines inga inge ingeborg ingo ingrid irena irene
    irina iris irma irmgard isabel isabell isabella isabelle ismail ivan ivana ivo jack jacob jacqueline jakob jakub
    james jamie jan jana jane janina janine janis jannik jannis jasmin jason jean jeanette jeff jens jenny jennifer
    jessica jim joachim jochen joe joel joerg johann johanna johannes john jonas jonathan jörg jörn jose josef josefine
    joseph joshua judith julia julian juliana juliane julie jürgen juergen julius justin jutta kai kamil karen karim
    karin karina karl karla karlheinz karolin karoline karsten kaspar katarina katarzyna kate katharina käthe kathrin
    katja katrin katy kemal kerstin kevin khaled kim kira kirsten klara klaus konrad konstantin kristian kristin
    kristina kristof krystyna krzysztof kurt lara larissa lars laura lea leah lena leni lennard lennart leo leon
    leonard leonie leopold leyla liam lidia liesel lilli lilly lina linda linus lisa lisbeth liselotte logan lola
    lorenz lothar lotte louis louisa louise luca lucas lucia lucie lucy ludger ludwig luis luisa luise lukas lutz
    lydia lynn maciej madeleine magda magdalena mahmoud maik maike maja malte malgorzata mandy manfred manuel manuela
    mara marc marcel marco marcus mareike maren margarete margarethe margit margot margret maria marian marianne marie
    marika marina mario marion marius marko markus marlene marlies marlis marta martha martin martina mary mathias
    mathilde matteo matthew matthias matthew max maxim maximilian maya mehmet melanie melek melina melissa meltem merle
    mert meryem mia michael michaela michal michele michelle mike mikail mila milan milena miriam mirjam mirko mohamed
    mohammad mohammed mona monica monika moritz murat mustafa nadine nadja naomi natalia natalie natascha nathalie
    nele nicholas nick nico nicola nicolas nicole niklas niko nikolai nikolaus nikos nils nina noah noel nora norbert
    nour nuray nurcan oguz olaf ole oleg olga oliver olivia omar omer orhan oskar osman oswald ömer özge pascal
    patricia patrick patrik paul paula pauline pawel peer peggy pedro petar peter petra phil philip philipp philippa
    pia pierre piotr rabea rachel rafael rainer ralf ralph ramazan ramona raphael rebecca rebekka regina regine reiner
    reinhard reinhold renate rene renee ricarda ricardo richard rita robert roberto robin roger roland rolf roman
    romina ronald ronja rosa rosalie rosemarie rosi roswitha roy rudi rudolf rüdiger ruediger ruth ryan sabine sabrina
    saskia salim salih sam samantha samira samuel sandra sara sarah sascha sebastian sebnem selim selin selma
    semra serap serdar sergej serkan severin sibel sibylle siegfried sieglinde sigrid silke silvia silvio simon simone
    sina sinan sofia sofie sonja songül sophia sophie soraya stefan stefanie steffen steffi stephan stephanie steve
    steven susan susann susanna susanne suse svea sven svenja svetlana sylvia tabea tamara tanja tarek tatjana
    teresa theo theodor theresa therese thomas thorsten thilo tim timo timur tina tobias tom tomasz torben torsten
    traudel tristan tugba udo ugur uli ulrich ulrike umut ursel ursula ute uta uwe valentin valentina valeria vanessa
    vera verena veronika victor victoria viktor viktoria vincent viola viktorija vivien vladimir volker volkmar
    waldemar walter waltraud wanda werner wilfried wilhelm wilhelmine willi william willy wolfgang wolfram xaver
    yannick yannik yasemin yasin yasmin yildiz yusuf yvonne zehra zeynep zoe zofia zuzanna
    """.split()
)
