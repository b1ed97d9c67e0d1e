import { firstNames } from './first-names.ts';
import { fold, holds } from './fold-text.ts';

/**
 * How much a label says by itself: `picture` stands before a person or an owner; `drawing` as often before what is shown;
 * `source` before a spring, a voltage and the origin of anything.
 */
type Label = 'picture' | 'drawing' | 'source';

/** Labels of credits, folded, with the words that may stand before the separator. */
const labels: readonly (readonly [Label, readonly string[]])[] = [
  [
    'picture',
    [
      ...['photo', 'photos', 'photograph', 'photographs', 'photography', 'photographer', 'photo credit', 'credit'],
      ...['credits', 'image credit', 'image credits', 'picture credit', 'photo courtesy', 'image courtesy', 'courtesy'],
      ...['image source', 'photo source', 'picture source', 'footage', 'archive footage', 'video credit'],
      ...['foto', 'fotograf', 'fotograflar', 'fotografci', 'fotograflayan', 'foto kaynak', 'fotograf kaynagi'],
      ...['gorsel kaynagi', 'gorsel kaynak', 'resim kaynagi', 'gorseller', 'telif', 'telif sahibi', 'arsiv'],
    ],
  ],
  [
    'drawing',
    [
      ...['image', 'images', 'picture', 'pictures', 'illustration', 'illustrations', 'illustrator', 'artwork'],
      ...['gorsel', 'resim', 'resimler', 'cizim', 'cizimler', 'cizer', 'cizen', 'illustrasyon', 'karikatur', 'video'],
    ],
  ],
  [
    'source',
    [
      ...['source', 'sources', 'map', 'maps', 'map source', 'data source', 'chart', 'graphic', 'graph'],
      ...['kaynak', 'kaynaklar', 'harita', 'harita kaynagi', 'veri kaynagi', 'grafik', 'tablo', 'alinti'],
    ],
  ],
];
/** `Photo by Jane Roe`, `Courtesy of Jane Roe`: no colon stands between. */
const joiners =
  /(?<![\p{L}\p{N}])(?:photo(?:s|graph(?:s|ed|y)?)?|images?|pictures?|illustrations?|drawings?|maps?|footage)\s+(?:(?:is|are)\s+)?(?:by|from|courtesy\s+of)\s+|(?<![\p{L}\p{N}])courtesy\s+of\s+/giu;
/** `AP Photo / Jane Roe`. */
const agencyPhoto =
  /(?<![\p{L}\p{N}])(?:AP|AFP|AA|EPA|PA|DHA|[İI]HA|UPI|DPA)\s+(?:Photo|Foto|Fotoğraf|Images|Picture)/iu;
const separators = /\s*[:：;]\s*/gu;
/** A reader takes a colon for these; then only a known owner counts. */
const misreadSeparators = /\s*[.,|!]\s*|\s+[-–—]\s+|\s+/gu;

/** Owners that are known by their name alone, folded. */
const owners = [
  ...['getty', 'getty images', 'istock', 'istockphoto', 'shutterstock', 'alamy', 'adobe stock', 'depositphotos'],
  ...['dreamstime', '123rf', 'bigstock', 'freepik', 'vecteezy', 'pond5', 'envato', 'storyblocks', 'stocksy', 'corbis'],
  ...['bridgeman', 'magnum', 'science photo library', 'wikimedia', 'wikimedia commons', 'wikipedia', 'vikipedi'],
  ...['pixabay', 'pexels', 'unsplash', 'flickr', 'pinterest', 'google earth', 'google maps', 'google', 'youtube'],
  ...['reuters', 'associated press', 'agence france presse', 'anadolu ajansi', 'bloomberg', 'xinhua', 'sputnik'],
  ...['britannica', 'national geographic', 'instagram', 'twitter', 'facebook', 'canva', 'library of congress'],
  ...['our world in data'],
];
/** Short names, which count only in capitals. */
const acronyms =
  /(?<![\p{L}\p{N}])(?:AA|AP|AFP|DHA|[İI]HA|UPI|EPA|DPA|ANSA|TASS|ANKA|NASA|ESA|ESO|NOAA|USGS|JAXA|CERN|WHO|WWF|IPCC|UNESCO|UNICEF|OECD|EUROSTAT|T[ÜU][İI]K|MEB|TDK|TTK|MTA|T[ÜU]B[İI]TAK|TRT|NTV|BBC|CNN|CIA|FAO|IUCN|EBA|ODT[ÜU]|[İI]T[ÜU])(?![\p{L}\p{N}])/u;
const address =
  /(?:https?:|www\.)|(?<![\p{L}\p{N}])[\p{L}\p{N}-]{2,}\.(?:com|org|net|gov|edu|info|eu|de|fr|tr|uk)(?![\p{L}\p{N}])/iu;
/** Words that end the name of an organisation that owns pictures or texts, folded. */
const organisations = [
  ...['ajansi', 'ajans', 'agency', 'press', 'images', 'pictures', 'photos', 'photography', 'stock', 'news'],
  ...['haber', 'arsivi', 'arsiv', 'archive', 'archives', 'arsivleri', 'museum', 'museums', 'muzesi', 'library'],
  ...['kutuphanesi', 'collection', 'koleksiyonu', 'gallery', 'galerisi', 'yayinlari', 'yayinevi', 'yayincilik'],
  ...['publishing', 'publishers', 'publications', 'books', 'media', 'medya', 'foundation', 'vakfi', 'university'],
  ...['universitesi', 'institute', 'enstitusu', 'ministry', 'bakanligi', 'baskanligi', 'mudurlugu', 'kurumu'],
  ...['orgutu', 'organization', 'organisation', 'association', 'dernegi', 'society', 'council', 'konseyi', 'bureau'],
  ...['bank', 'bankasi', 'dergisi', 'magazine', 'journal', 'gazetesi', 'newspaper', 'times', 'encyclopedia'],
  ...['encyclopaedia', 'ansiklopedisi', 'studio', 'studios', 'studyosu', 'productions', 'yapim', 'ltd', 'gmbh'],
  ...[
    'televizyonu',
    'television',
    'observatory',
    'gozlemevi',
    'rasathanesi',
    'institution',
    'survey',
    'archiv',
    'verlag',
    'commons',
    'fotograf',
  ],
];
/** Common first words and nouns of lessons, folded: a name made of them is what is shown, and nobody. */
const ordinary = new Set(
  `the a an this that these those our your my his her its some any each all no one two three in on at of for from with by as
   is are was were be it we you they he she i and or not how what when where which who why see look use find draw press click
   note step part page figure table chart graph first second third next last left right top bottom front back side before after
   energy light sun solar wind water heat sound wave waves power current voltage electric electricity magnetic force field mass
   speed cell cells plant plants animal animals human body heart blood brain dna protein code data file files image images
   processing analysis segmentation classification recognition compression resolution quality size width height format color colour
   formation mirror lens object distance virtual real plane point line lines angle triangle circle square area volume graphing function
   equation number numbers value values answer answers question questions example examples exercise homework lesson unit chapter topic
   text texts word words title name names list lists city map maps world earth moon star stars planet system solar ocean sea river
   mountain forest north south east west renewable fossil nuclear primary secondary open main new old big small best good model
   machine learning neural network software hardware computer science history physics chemistry biology math mathematics art music
   bu bir su o ve ile icin gibi ne nedir nasil neden hangi kim kac her hic cok en daha ilk son ikinci ucuncu sol sag ust alt on arka
   once sonra enerji enerjisi enerjinin isik isigi isigin gunes gunesi ay dunya yildiz yildizlar gezegen sistem sistemi ruzgar su suyu
   isi isinin ses sesin dalga dalgasi guc gucu kuvvet kuvveti akim akimi gerilim gerilimi elektrik manyetik alan alani kutle hiz hizi
   hucre hucresi hucrenin zar zari zarinin cekirdek mitoz mayoz bolunme bolunmesi evreleri bitki bitkiler hayvan hayvanlar insan vucudu
   kalp kan beyin protein kod kodu kodlari kodlama veri verileri dosya dosyasi yonetimi isleme analizi analiz metin metni metinler
   kelime baslik isim isimler liste sehir harita haritasi ulke ulkeler deniz nehir nehri dag daglar orman kuzey guney dogu bati
   yenilenebilir fosil nukleer birincil ikincil acik ana yeni eski buyuk kucuk model ornek ornekler soru sorular cevap cevaplar odev
   ders dersi unite bolum konu sayfa sekil tablo grafik sayi sayilar deger fonksiyon denklem nokta dogru aci ucgen cember daire kare
   hacim uzunluk bilgisayar bilim bilimi tarih fizik kimya biyoloji matematik sanat muzik turkiye turkiyenin osmanli anadolu fiziki
   siyasi iklim iklimi nufus nufusu dagilisi dagilimi bolge bolgesi bolgeler yapisi yapi yapilari olusumu dongusu devre devresi
   dogal dogalgaz yerel besin sinir zinciri kaynak kaynaklari kaynagi temel genel ortak yer alti ustu sulari ic dis giris cikis sonuc`.split(
    /\s+/,
  ),
);
/** Words of names that are written small. */
const particle = /^(?:de|da|del|della|di|van|von|der|den|la|le|el|al|bin|of|the|and|ve|und|et|&|for)$/u;
const mostWords = 7;
/** One wrong letter in so many. */
const lettersPerError = 6;

/**
 * How sure it is that a line credits somebody with a picture or a text, without a sign: `Foto: Ayşe Yılmaz`, `Source:
 * Example Agency`, `Photo by Jane Roe`. 0 if it does not. What follows the label has to be a name: of a known owner, of
 * an organisation, or of a person. `Kaynak kodu`, `Image processing:` and `Source: the sun` are none.
 */
export function sureOfCredit(text: string): number {
  const plain = text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
  let sure = agencyPhoto.test(plain) ? 0.85 : 0;
  for (const { index, 0: joiner } of plain.matchAll(joiners))
    sure = Math.max(sure, sureOfName(plain.slice(index + joiner.length), 'picture', true));
  for (const { index, 0: separator } of plain.matchAll(separators)) {
    const label = labelBefore(plain.slice(0, index));
    if (label !== null) sure = Math.max(sure, sureOfName(plain.slice(index + separator.length), label, true));
  }
  if (sure > 0) return sure;
  for (const { index, 0: separator } of plain.slice(0, 60).matchAll(misreadSeparators)) {
    const label = labelBefore(plain.slice(0, index));
    if (label !== null)
      sure = Math.max(
        sure,
        sureOfName(plain.slice(index + separator.length), label, separator.trim() !== '' && label === 'picture'),
      );
  }
  return Math.max(0, sure - 0.15);
}

/** The label that the text ends with, as whole words, with a wrong letter in long ones. */
function labelBefore(text: string): Label | null {
  // A number behind the label counts pictures: `Görsel 3:`.
  if (!/\p{L}[)\]]?$/u.test(text)) return null;
  // `Open source: …`, `Ses kaynağı: …`: a word before the label makes it another thing.
  const part = text.split(/[^\p{L}\s]+/u).findLast((each) => each.trim() !== '') ?? '';
  const words = fold(part).split(' ');
  if (words.length > 2) return null;
  const folded = words.join(' ');
  for (const [label, wanted] of labels)
    for (const each of wanted) if (words.length === each.split(' ').length && isNearly(folded, each)) return label;
  return words.length === 2 && isPictureLabel(words[1]!) ? 'picture' : null;
}

/** `Kapak fotoğrafı`, `Manşet foto`. */
const isPictureLabel = (word: string): boolean => /^(?:photo(?:graph)?|foto(?:graf|grafi)?)$/.test(word);

const isNearly = (word: string, wanted: string): boolean =>
  word === wanted ||
  (wanted.length >= lettersPerError &&
    word[0] === wanted[0] &&
    holds(word, wanted, Math.floor(wanted.length / lettersPerError)));

/** `isFirm`: a label and a colon were read, so a person's name is enough. */
function sureOfName(text: string, label: Label, isFirm: boolean): number {
  // Where another sentence or remark begins, the name is over.
  const name =
    text.replace(/^(?:the|The)\s/, '').split(/\s[|–—•]\s|\s[([]|[;?!]|,\s|(?<=\p{L}{3})\.\s(?=\p{Lu}\p{Ll}{2})/u)[0] ??
    '';
  const words = name.match(/[\p{L}\p{N}&'’.+-]+/gu)?.slice(0, mostWords) ?? [];
  const first = words[0];
  if (first === undefined) return 0;
  const head = words.join(' ');
  if (address.test(head)) return 0.85;
  if (acronyms.test(words.slice(0, 2).join(' ')) || acronyms.test(words.slice(-1).join(' '))) return 0.85;
  const folded = fold(head);
  if (owners.some((owner) => startsOrEnds(folded, owner))) return 0.85;
  if (!isCapital(first)) return 0;
  const named = words.findIndex(
    (word, at) => at > 0 && isCapital(word) && isOrganisation(word) && isCapital(words[at - 1]!),
  );
  if (named > 0) return 0.85;
  if (!isFirm) return 0;
  return isPerson(words, label) ? (label === 'picture' ? 0.75 : 0.6) : 0;
}

/** Within the first words: what is far behind belongs to another sentence. */
const startsOrEnds = (folded: string, owner: string): boolean =>
  holds(folded, owner, owner.length < 8 ? 0 : Math.floor(owner.length / 8));

const isCapital = (word: string): boolean => /^['’]?[\p{Lu}\p{N}]/u.test(word) && /\p{L}/u.test(word);
const isOrdinary = (word: string): boolean => ordinary.has(fold(word));
const isOrganisation = (word: string): boolean => {
  const folded = fold(word);
  return organisations.some((each) => (each.length < lettersPerError ? folded === each : isNearly(folded, each)));
};

/**
 * Two to four words that begin with capitals, none of them a word of lessons: `J. Roe`, `Mary van Dyke`. Behind a label
 * that may stand before a thing, the first has to be a first name or an initial.
 */
function isPerson(words: readonly string[], label: Label): boolean {
  const telling = words.filter((word) => !particle.test(word));
  if (telling.length < 2 || telling.length > 4) return false;
  if (
    !telling.every((word) => /^\p{Lu}[\p{L}'’.-]*$/u.test(word)) ||
    telling.some((word) => word.replace('.', '').length > 1 && isOrdinary(word))
  )
    return false;
  // Capitals throughout, as in a heading, tell a name from a noun no more.
  const isShouted = telling.every((word) => word === word.toLocaleUpperCase('tr'));
  if (isShouted && label !== 'picture') return false;
  if (!telling.some((word) => word.length > 2)) return false;
  return label === 'picture' || /^\p{Lu}\.$/u.test(telling[0]!) || firstNames.has(fold(telling[0]!));
}
