import type { ColumnMeaning } from '../domain/roster.ts';
import { plain } from './words.ts';

type Words = readonly (readonly [ColumnMeaning, RegExp])[];

const owner = '(?:ogrenci(?:nin)? |student |pupil )?';
const mail = '(?:e ?posta|e ?mail|mail)(?: adresi| address)?';
const telephone =
  '(?:(?:cep )?tel(?:efon)?(?:u|n?o|numarasi| no| numarasi| number)?|gsm|cep|(?:mobile )?phone(?: number)?|mobile)';
const whole = '(?:adi?(?: ve)? soyadi?|isim soyisim|ad soyad|full name|name|adi?|isim)';
const relation = '(?:yakinlik|yakinligi|yakinlik derecesi|rolu?|relation(?:ship)?|role)';
const either = '(?:veli|vasi|anne|baba|guardian|parent|carer|mother|father)(?:si|sinin|nin)?';
const others =
  '(?:diger kisi|diger yakini|acil durum(?:da aranacak)? kisi(?:si)?|emergency contact|other contact|contact)';
const exactly = (...parts: readonly string[]) => new RegExp(`^${parts.join('')}$`);

/** Of the words of a heading as `plain` gives them. */
const ofPupils: Words = [
  ['school_number', exactly(owner, '(?:okul (?:no|numarasi)|(?:school|admission) (?:no|number|id))')],
  ['school_number', /^(?:ogrenci (?:no|numarasi)|(?:student|pupil) (?:no|number|id))$/],
  ['name', exactly(owner, '(?:adi?(?: ve)? soyadi?|isim soyisim|full name|name)')],
  ['name', /^(?:ogrenci|student|pupil)$/],
  ['given', exactly(owner, '(?:adi?|isim|(?:first|given) names?|forenames?)')],
  ['family', exactly(owner, '(?:soy ?adi?|soyisim|(?:last|family) name|surname)')],
  [
    'class',
    /^(?:sinif[i]?|sube(?:si)?|sinif(?:i)? sube(?:si)?|class(?: name)?|form(?: group)?|(?:tutor|reg(?:istration)?) group)$/,
  ],
  ['email', exactly(owner, mail)],
  ['phone', exactly(owner, telephone)],
];
const ofContacts: Words = [
  ['contact.name', exactly(others, `(?: ${whole})?`)],
  ['contact.relation', exactly(others, ` ${relation}`)],
];
const guardianParts = [
  ['name', `(?: ${whole})?`],
  ['relation', ` ${relation}`],
  ['email', ` ${mail}`],
  ['phone', ` ${telephone}`],
] as const;

/** What the law calls sensitive, and what no lesson needs: never read, whatever a mapping says. */
const sensitive =
  /\b(?:tc|tckn|kimlik|national|identity|ssn|nhs|cinsiyet\w*|gender|sex|pronouns?|dogum\w*|birth\w*|dob|yas|age|adres\w*|address|ikamet\w*|sifre\w*|parola\w*|password\w*|din[i]?|religion|uyruk\w*|uyrugu|nationality|ethnic\w*|race|kan grubu|blood|saglik|health|engel\w*|disab\w*|gelir|income|iban)\b/;

export const isSensitive = (heading: string): boolean => sensitive.test(plain(heading).replace(new RegExp(mail), ''));

/** What each heading suggests; a meaning is suggested once, to the first that has it. */
export function suggest(headings: readonly string[]): Record<string, ColumnMeaning | null> {
  const taken = new Set<ColumnMeaning>();
  return Object.fromEntries(
    headings.map((heading) => {
      const meaning = isSensitive(heading) ? null : meaningOf(plain(heading), taken);
      if (meaning !== null) taken.add(meaning);
      return [heading, meaning];
    }),
  );
}

/** How many headings are words that are known here. */
export const knownHeadings = (headings: readonly string[]): number =>
  headings.filter((heading) => isSensitive(heading) || meaningOf(plain(heading), new Set()) !== null).length;

function meaningOf(words: string, taken: ReadonlySet<ColumnMeaning>): ColumnMeaning | null {
  const found = [...ofPupils, ...ofContacts].find(([, form]) => form.test(words));
  if (found !== undefined) return isFree(found[0], taken) ? found[0] : null;
  return guardianMeaning(words, taken);
}

/** A class may be told in two columns: the grade and the section. */
const isFree = (meaning: ColumnMeaning, taken: ReadonlySet<ColumnMeaning>) =>
  meaning === 'class' || !taken.has(meaning);

/** `Veli 2 Telefon` says which guardian; `Baba Telefon` is the one beside the mother. */
function guardianMeaning(words: string, taken: ReadonlySet<ColumnMeaning>): ColumnMeaning | null {
  const [, before, who = '', after, rest = ''] =
    new RegExp(`^(?:([12]) )?(${either})(?: ([12]))?\\b(.*)$`).exec(words) ?? [];
  const part = who === '' ? undefined : guardianParts.find(([, form]) => exactly(form).test(rest))?.[0];
  if (part === undefined) return null;
  const isSecond = (before ?? after ?? (/^(?:baba|father)/.test(who) ? '2' : '1')) === '2';
  const meaning = isSecond ? (`guardian2.${part}` as const) : (`guardian1.${part}` as const);
  return taken.has(meaning) ? null : meaning;
}
