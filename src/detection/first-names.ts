/**
 * Common first names of Turkey and of Europe and America, folded as `fold` folds. Names that are words of lessons as well
 * (`Deniz`, `Güneş`, `Grace`) are left out: they tell no person from a thing.
 */
export const firstNames: ReadonlySet<string> = new Set(
  `abdullah adem adnan ahmet akin ali alper alperen altan anil arda arif asli asuman atakan atilla ayca aydin ayhan aykut aylin aynur
   ayse aysegul aysel aysun ayten aziz bahadir bahar banu baran baris basak bekir belgin belma beril berk berkay berna betul beyza bilal
   bilge birol bora bulent burak burcu burhan busra buse canan candan caner cansu celal cem cemal cemile cenk ceren cetin ceyda ceyhun
   cihan cigdem coskun cuneyt damla derya dilara dilek didem dogan dogukan ebru ece eda ekrem elcin elif emel emin emine emir emrah emre
   ender engin enis ercan erdal erdem erdinc eren ergin erhan erkan erol ersin ertan ertugrul esin esma esra evren eyup ezgi fadime fahri
   faruk fatih fatma fehmi ferhat ferit fevzi feyza figen fikret filiz firat funda furkan galip gamze gizem gokce gokhan gonca gonul gorkem
   gulay gulcan gulden gulnur gulsah gulsen gulten gulsum gurkan gursel hakan hakki haldun halil halime haluk hamdi hamza handan hande
   hasan hatice haydar hayri hazal hikmet hilal hulya huseyin husnu ibrahim ihsan ilhan ilkay ilker inci ipek irem irfan isa ismail ismet
   izzet kaan kadir kader kamil kemal kenan kerem kerim koray korkut kubra kutay kursat latif leman levent leyla lutfi mahir mahmut mehmet
   mehtap melek melih melike melis meltem meral merih merve mert merttan mesut metin mete meryem mine mirac muammer muhammed muhammet murat
   musa mustafa muzaffer mucahit mujde mujgan munevver nadir nalan nazan nazim nazli necati necdet necip nedim nermin neslihan nesrin nevin
   nevzat nihal nihat nilay nilgun nilufer niyazi nuran nuray nurcan nurgul nuri nurten okan oktay onur orhan osman ozan ozge ozgur ozkan
   ozlem ozer pelin pinar polat rabia rahmi ramazan ramiz rasim recep refik remzi reyhan ridvan riza rustu sabri sadik sadi sait sakir
   salih salim sami sanem saniye savas sebahattin seda sedat sefa selahattin selcuk selda selim selin selma semih semra serap sercan serdar
   serhat serkan serpil sevda sevgi sevil sevim sevinc seyfi sezen sezer sezgin sibel sinan sinem soner songul suat suleyman sultan suna
   suzan sule sukran sukru seref sevket seyma taha tahir tahsin talat tamer tarik tarkan tayfun tayyip teoman tevfik tolga tuba tugba tugce
   tuncay turgay turgut tulay tulin ufuk ugur umit umut unal utku vedat veli veysel vildan volkan yalcin yasar yasemin yasin yavuz yeliz
   yesim yigit yilmaz yunus yusuf zafer zehra zekeriya zeki zeliha zerrin zeynep ziya zubeyde zuhal zuleyha
   aaron adam adrian agnes aidan alan albert alejandro alex alexander alexandra alfred alice alicia alison amanda amelia amy ana andre
   andrea andreas andrew angela anita ann anna anne annie anthony antonio arthur astrid barbara beatrice ben benjamin bernard bob brenda
   brian bruce bruno camille carl carla carlos carmen carol caroline catherine charles charlotte chloe chris christian christina christine
   christopher claire clara claudia colin craig cristina cynthia daniel daniela david dawn deborah dennis derek diana diane diego dmitri
   dominic donald donna dora dorothy douglas dylan eduardo edward edwin elaine eleanor elena elizabeth ella ellen emily emma eric erik
   ernest ethan eva evelyn fabio felix fernando fiona frances francesca francesco francis franz fred frederick gabriel gareth gary geoffrey
   george gerald gerhard gianni giovanni giulia gloria gordon graham greg gregory gustav hannah hans harold harry heather heidi helen helena
   henri henrik henry holly howard hugh hugo ian igor ingrid irene isabel isabella ivan jack jacob jacqueline jacques james jamie jan jane
   janet jason javier jean jeff jeffrey jennifer jeremy jessica jim joan joanna joe johan johann john jonathan jordan jorge jose josef
   joseph joshua joyce juan judith julia julian julie jurgen karen karin karl kate katherine kathleen keith kelly kenneth kevin klaus
   kristin lars laura lauren laurent lawrence leo leon leonard lesley lewis linda lisa lois lorenzo louis louise luca lucas lucia lucy luis
   luke lydia madeleine magnus marc marcel marco marcus margaret maria marie marina mario marion marta martha martin martina mary mathieu
   matt matteo matthew max megan melanie melissa michael michel michelle miguel mike mikhail mohamed mohammed monica monika nadia nancy
   naomi natalia natalie nathan neil nicholas nicola nicolas nicole nigel nikolai nina noah norman oleg olga oliver olivia oscar otto owen
   pablo pamela paola paolo patricia patrick paul paula pedro peter philip philippe pierre rachel ralph raymond rebecca ricardo richard
   robert roberto robin roger roland ronald rosa rosemary roy ruben rudolf russell ruth ryan sally sam samantha samuel sandra sara sarah
   scott sean sebastian sergei sergio sharon sheila silvia simon sofia sonia sophie stefan stephanie stephen steve steven stuart susan
   suzanne svetlana sylvia teresa theo theresa thomas tim timothy tobias todd tom tony tracy ursula valentina valerie vanessa vera veronica
   victor victoria vincent viktor virginia vladimir walter wendy werner wilhelm william wolfgang xavier yvonne zoe`.split(
    /\s+/,
  ),
);
