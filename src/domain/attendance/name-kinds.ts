import { foldAscii } from './fold.ts';

/** Words that name a thing and no person, as {@link foldAscii} writes them. */
const deviceWords = new Set(
  (
    'ipad iphone ipod android galaxy samsung huawei xiaomi redmi oppo oneplus realme pixel nokia motorola lenovo asus acer ' +
    'macbook imac chromebook surface thinkpad laptop notebook desktop tablet pc computer bilgisayar bilgisayari dizustu ' +
    'smartboard whiteboard tahta tahtasi projektor projeksiyon lab laboratuvar laboratuvari windows macos zoomroom webcam kamera camera rechner ' +
    'ordinateur ordenador computador portatil komputer telefonu telefonum telefon telephone phone cihaz cihazi device ' +
    'user kullanici participant katilimci teilnehmer invitado unknown bilinmeyen anonymous anonim gerat'
  ).split(' '),
);
/** Names that computers and telephones give themselves: DESKTOP-4F2K, SM-A515F, moto g(7), HUAWEI P30. */
const deviceNames =
  /^(?:desktop|laptop|win|pc|lt)[-_ ][a-z0-9]{4,}$|^sm[- ][a-z]\d{3}|^moto g|^mi \d|^(?:oppo|vivo|redmi|honor) [a-z]?\d/i;
const rooms = /\b(?:zoom|teams|meeting|conference|toplanti) (?:room|odasi)\b|\bakilli tahta\b|\bsmart ?board\b/;

/** Whether a name is a device's, such as `iPad (3)` or `Fen Lab PC`. */
export function isDeviceName(name: string): boolean {
  const folded = foldAscii(name);
  if (deviceNames.test(name.trim()) || rooms.test(folded)) return true;
  return folded.split(' ').some((word) => deviceWords.has(word) || deviceWords.has(ownedWord(word)));
}

/** `ipadi` of `Ada'nın iPad'i`: the apostrophe is gone, the ending of possession is not. */
const ownedWord = (word: string): string => word.replace(/(?:u|i|si|su)$/, '');

/** Whether a name is no more than a telephone number, whole or hidden in part, or what a tool calls who rang in. */
export function isTelephoneName(name: string): boolean {
  const text = name.normalize('NFKC').trim();
  if (/^(?=(?:.*[\dx*•]){4})\+?[\d\s()*•x./-]{4,}$/i.test(text) && /\d/.test(text)) return true;
  return /\b(?:call ?in|dial ?in|phone|pstn|telefon|telefonla) (?:user|kullanici(?:si)?|katilan|caller|participant|teilnehmer)\b|^(?:call|dial) ?in\b|^pstn\b/.test(
    foldAscii(text),
  );
}

/** Whether a name is a program's that takes notes or records. */
export const isBotName = (name: string): boolean =>
  /\.ai\b|note ?tak|meeting ?notes?\b|\bbots?\b|\bbotu\b|not ?tutucu|fireflies|\botter\b|\bread ai\b|\bfathom\b|\btl ?dv\b|\bavoma\b|\bsembly\b|meetgeek|\bcopilot\b|\bai companion\b|\brecorder\b|\btranscri(?:pt|ber)/i.test(
    name,
  ) && /\p{L}/u.test(name);

const relativeWords =
  'veli velisi veliler anne annesi annem baba babasi babam abla ablasi abi abisi agabey agabeyi kardes kardesi dede dedesi nine ninesi ' +
  'anneanne anneannesi babaanne babaannesi teyze teyzesi hala halasi dayi dayisi amca amcasi vasi vasisi bakici bakicisi ebeveyn ' +
  'mother father mom mum dad parent parents guardian carer sister brother grandma grandpa grandmother grandfather aunt uncle nanny ' +
  'mutter vater mama papa eltern elternteil schwester bruder oma opa ' +
  'mere pere maman parente soeur frere tuteur tutrice madre padre hermano hermana tutor abuela abuelo ' +
  'genitore sorella fratello nonna mae pai irma irmao mor far foralder foraldrer';
const relatives = new Set(relativeWords.split(' '));

/** Whether a text names a relative: `veli`, `Ada'nın annesi`, `mother of Ada`. A family name may be such a word too. */
export const namesRelative = (text: string): boolean =>
  foldAscii(text)
    .split(' ')
    .some((word) => relatives.has(word));

/** The words of a text that name no relative and belong to a name. */
export const withoutRelatives = (text: string): string =>
  text
    .split(/\s+/)
    .map((word) => word.replace(/['\u2019].*$/u, ''))
    .filter((word) => !relatives.has(foldAscii(word)) && !/^(?:of|von|de|di|s|in|nin|the|la|el)$/i.test(word))
    .join(' ');

/** The words of a device's name that may belong to its owner: `Ada` of `Ada'nın iPad'i`. */
export const withoutDevice = (text: string): string =>
  text
    .replaceAll(/[()\d]/g, ' ')
    .split(/\s+/)
    .map((word) => ({ whole: foldAscii(word), stem: word.replace(/['\u2019].*$/u, '') }))
    .filter(
      ({ whole, stem }) =>
        stem !== '' &&
        !deviceWords.has(whole) &&
        !deviceWords.has(ownedWord(whole)) &&
        !deviceWords.has(foldAscii(stem)),
    )
    .map(({ stem }) => stem)
    .filter((word) => !/^(?:of|von|de|di|s|the|air|pro|mini|max|plus)$/i.test(word))
    .join(' ');

/** Joins persons at one screen, whoever they are. */
const joins = /\s+(?:ve|ile|and|und|et|och|og|en|ja|&|\+)\s+|\s*[&+]\s*|\s*\/\s*/iu;
/** Joins persons, and is an initial or a part of a name as well. */
const shortJoins = /\s+(?:y|e|i|и|و|και)\s+/iu;

/** The names of a row that may be several persons at one screen; a surer and a less sure way to part it. */
export function partsOfShared(name: string): { readonly parts: readonly string[]; readonly isSure: boolean } | null {
  const part = (by: RegExp) =>
    name
      .split(by)
      .map((one) => one.trim())
      .filter((one) => one !== '');
  const sure = part(joins);
  if (sure.length > 1) return { parts: sure, isSure: true };
  const short = part(shortJoins);
  return short.length > 1 ? { parts: short, isSure: false } : null;
}
