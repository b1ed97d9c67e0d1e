import type { AttendancePerson } from '../../src/domain/attendance/person.ts';

/** Invented names of twelve locales: given names, then family names, some of which hold traps of folding. */
const names: Readonly<Record<string, readonly [string, string]>> = {
  tr: [
    'Işıl,İlker,Ilgın,Çağan Ömür,Şule,Gökçe,Ümit,Kâmil,Nehir Naz,Doğa,Sıla,Yağız,Elif Su,Bora,Efe,Özge',
    'Yalçınörs,Güzelçay,Ilıkpınar,İğdeli,Şenbahçe,Öztürk,Ağaçlıoğlu,Çınar,Irmak,Üzümbağ,Kırış,Işıkçı,Yalındağ,Küçükgöl',
  ],
  en: [
    "Liam,Ava Grace,Noah,Siobhan,D'Arcy,Anne-Marie,Oscar,Isla,Finn,Ivy,Zoe,Ian,Mia Rose,Lily",
    "O'Denby,Smith-Lowe,MacBride,Whitlock,Ellery,Inwood,Pemberley,Quill,Ashgrove,Fenwick,Hartley,Ivers",
  ],
  de: [
    'Jürgen,Käthe,Björn,Änne,Lukas,Mia Sophie,Jörg,Ulrike,Heiß,Götz,Rüdiger,Ilse',
    'Müllerhof,Weißgrund,Schönbeck,von Grünau,Krähenfeld,Ößling,Jägerstein,Straßner,Bülowski,Aschfurt',
  ],
  fr: [
    'Éloïse,Zoé,Léa,François,Jérôme,Anaïs,Maëlle,Noël,Chloé Inès,Loïc,Hélène,Benoît',
    "D'Aubrac,Lefèvrier,Garçonnet,Châtelard,de La Rivière,Brûlant,Maçonnais,Têtard,Œuvrard,Gérômet",
  ],
  es: [
    'Íñigo,Begoña,José Ángel,María José,Núria,Raúl,Zoilo,Ana Belén,Martín,Lucía,Óscar,Inés',
    'Peñafiel García,Ibáñez Solís,Muñozal Ríos,Güell Prat,de la Cruzada,Núñez Alba,Ordóñez Vela,Yáñez Pardo,Cañas Lobo,Ávalos Rey',
  ],
  pl: [
    'Łucja,Świętosław,Żaneta,Małgorzata,Paweł,Zbigniew,Jędrzej,Agnieszka,Błażej,Grażyna,Michał,Olga',
    'Łąkowski,Żurawiński,Wąsik,Śliwczak,Gęsiak,Brzęczyk,Dębowiak,Źródlak,Piątkiewicz,Kołodziejek',
  ],
  ro: [
    'Ștefan,Ioana,Țuțu,Mădălina,Răzvan,Călin,Ilinca,Andrei,Bogdan,Sânziana,Ilie,Oana',
    'Brâncoveanu,Țepeșel,Șerbănoiu,Dănilăreanu,Pătrășcoiu,Ionașcu,Mureșel,Vlăduțeanu,Crăciunel,Găinușă',
  ],
  az: [
    'Əli,Ilqar,İlahə,Gülşən,Çingiz,Şəbnəm,Rəşad,Aygün,Elçin,Günel,Xəyal,Ömər',
    'Məmmədli,Quliyevçi,Həsənoğlu,İsmayılzadə,Əhmədbəyli,Cəfərsoy,Rəhimli,Şıxlınski,Babayevçi,Nəsirbəyli',
  ],
  vi: [
    'Đức,Ánh Nguyệt,Bảo,Thị Hồng,Quốc,Tuấn,Mỹ Linh,Hữu,Phượng,Thảo,Yến,Khôi',
    'Nguyễn,Trần,Đặng,Phạm,Huỳnh,Võ,Bùi,Đỗ,Hồ,Dương',
  ],
  ar: [
    'ليان,أحمد,إيمان,آدم,هدى,مُحمّد,سارة,يوسف,ريم,خالد,نورة,عليّ',
    'المثالي,الإبراهيمي,الأنصاري,السعديّ,الخطيب,العمري,الحدّاد,القاسم,النجار,الشريف',
  ],
  ru: [
    'Тимур,Фёдор,Алёна,Зоя,Юрий,Николай,Ксения,Артём,Ольга,Егор,Инна,Семён',
    'Образцов,Королёвский,Щукинский,Йовович,Ежов,Жаворонков,Ясенев,Цветаев,Чайкин,Этингов',
  ],
  el: [
    'Ιωάννης,Ελένη,Γεώργιος,Αθηνά,Νίκος,Ζωή,Θανάσης,Ήρα,Χρήστος,Άννα,Μαΐα,Φοίβος',
    'Παπαδόπουλος,Ιωαννίδης,Καραγιάννης,Οικονόμου,Σταθόπουλος,Χατζής,Ψαρράς,Δημητρίου,Λιάπης,Ξένος',
  ],
};
export const locales = Object.keys(names);

export type Chance = () => number;
/** Numbers from 0 to 1, the same for one seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const pick = <T>(chance: Chance, from: readonly T[]): T => from[Math.floor(chance() * from.length)]!;

export interface Pupil extends AttendancePerson {
  readonly given: string;
  readonly family: string;
}

export interface School {
  readonly locale: string;
  readonly people: readonly AttendancePerson[];
  readonly pupils: readonly Pupil[];
  /** Two pupils of the course with one name. */
  readonly namesakes: readonly Pupil[];
}

/** A course of thirty with a namesake pair, others of the school, and a guardian for each pupil. */
export function schoolOf(locale: string, chance: Chance): School {
  const [given, family] = names[locale]!.map((list) => list.split(',')) as [string[], string[]];
  const all = given.flatMap((one) => family.map((other) => [one, other] as const));
  const drawn = all.toSorted(() => chance() - 0.5).slice(0, 40);
  const pupils = [...drawn.slice(0, 30), drawn[0]!].map(([one, other], at): Pupil => {
    const id = `${locale}${String(at).padStart(2, '0')}`;
    return {
      id,
      name: `${one} ${other}`,
      given: one,
      family: other,
      role: 'pupil',
      isInCourse: true,
      emails: [`${id}@school.example`],
      schoolNumber: String(1_000 + at * 7),
      className: '7-A',
      guardianOf: [],
    };
  });
  const person = (id: string, name: string, more: Partial<AttendancePerson>): AttendancePerson => ({
    ...pupils[0]!,
    id,
    name,
    isInCourse: false,
    emails: [`${id}@school.example`],
    schoolNumber: null,
    className: '7-B',
    ...more,
  });
  const others = drawn.slice(30).map(([one, other], at) => person(`${locale}x${at}`, `${one} ${other}`, {}));
  const guardians = pupils.map(({ id, family: other }, at) =>
    person(`${locale}g${at}`, `Guardian${at} ${other}`, {
      role: 'guardian',
      emails: [`${id}@home.example`],
      guardianOf: [id],
    }),
  );
  return { locale, pupils, namesakes: [pupils[0]!, pupils[30]!], people: [...pupils, ...others, ...guardians] };
}

export interface Case {
  readonly kind: string;
  readonly name: string;
  readonly email: string | null;
  readonly truth: string | null;
}

const first = (text: string): string => [...text][0] ?? '';
const bare = (text: string): string =>
  [...text.normalize('NFD').replaceAll(/[\u0300-\u036F]/g, '')]
    .map((one) => ({ ı: 'i', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D', ə: 'e', Ə: 'E', ß: 'ss', Œ: 'Oe', œ: 'oe' })[one] ?? one)
    .join('');

/** What a slip of the finger makes of a name: a letter left out, doubled, exchanged with the next, or another. */
function misspell(name: string, chance: Chance): string {
  const letters = [...name];
  const places = letters.map((_, at) => at).filter((at) => at > 0 && /\p{L}/u.test(letters[at]!));
  const at = pick(chance, places);
  const here = letters[at]!;
  const slip = Math.floor(chance() * 4);
  if (slip === 0) letters.splice(at, 1);
  else if (slip === 1) letters.splice(at, 0, here);
  else if (slip === 2 && at + 1 < letters.length) letters.splice(at, 2, letters[at + 1]!, here);
  else
    letters[at] = pick(
      chance,
      letters.filter((one) => /\p{L}/u.test(one)),
    );
  return letters.join('');
}

type Writing = readonly [kind: string, write: (pupil: Pupil, chance: Chance, locale: string) => string];
const writings: readonly Writing[] = [
  ['as it is', ({ name }) => name],
  ['capitals', ({ name }, _, locale) => name.toLocaleUpperCase(locale)],
  ['capitals of English', ({ name }) => name.toUpperCase()],
  ['small letters', ({ name }, _, locale) => name.toLocaleLowerCase(locale)],
  ['decomposed', ({ name }) => name.normalize('NFD')],
  ['no diacritics', ({ name }) => bare(name)],
  ['no diacritics, capitals', ({ name }) => bare(name).toUpperCase()],
  ['reversed', ({ given, family }) => `${family} ${given}`],
  ['reversed, comma', ({ given, family }) => `${family}, ${given}`],
  ['initial of the family', ({ given, family }) => `${given} ${first(family)}.`],
  [
    'initial of the family, small',
    ({ given, family }, _, locale) => `${given} ${first(family)}`.toLocaleLowerCase(locale),
  ],
  ['initial of the given name', ({ given, family }) => `${first(given)}. ${family}`],
  ['second name left out', ({ given, family }) => `${given.split(' ')[0]} ${family}`],
  ['sign behind', ({ name }) => `${name} 🦄`],
  ['mark of the tool', ({ name }) => `${name} (External)`],
  ['was a device', ({ name }) => `${name} (iPad)`],
  ['number before', ({ name, schoolNumber }) => `${schoolNumber} ${name}`],
  ['class before', ({ name }) => `7-A ${name}`],
  ['class behind', ({ name }) => `${name} 7/A`],
  ['spaces', ({ name }) => `  ${name.replaceAll(' ', '   ')} `],
  ['misspelt', ({ name }, chance) => misspell(name, chance)],
  ['misspelt', ({ name }, chance) => misspell(name, chance)],
  ['misspelt, no diacritics', ({ name }, chance) => misspell(bare(name), chance)],
  ['nickname between', ({ given, family }) => `${given} "Mini" ${family}`],
  ['given name alone', ({ given }) => given],
];

/** Rows of real pupils without an address, in every way of writing. */
export const pupilCases = ({ pupils, namesakes, locale }: School, chance: Chance): Case[] =>
  pupils
    .filter((pupil) => !namesakes.includes(pupil))
    .flatMap((pupil) =>
      writings.map(([kind, write]) => ({ kind, name: write(pupil, chance, locale), email: null, truth: pupil.id })),
    );

/** Rows with a school address: the name says the same, nothing, or somebody else. */
export const addressCases = ({ pupils }: School): Case[] =>
  pupils.flatMap((pupil, at) => {
    const email = pupil.emails[0]!.toUpperCase();
    const other = pupils[(at + 3) % pupils.length]!;
    return [
      { kind: 'address', name: pupil.name, email, truth: pupil.id },
      { kind: 'address, name lost', name: '???? ????', email, truth: pupil.id },
      { kind: 'address, a nickname', name: 'xX_gamer_Xx', email, truth: pupil.id },
      { kind: 'another’s address', name: other.name, email, truth: null },
      { kind: 'address on a shared device', name: 'Fen Lab PC', email, truth: null },
      { kind: 'address of home', name: other.name, email: `${pupil.id}@home.example`, truth: null },
    ];
  });

export const namesakeCases = ({ namesakes, locale }: School): Case[] =>
  writings
    .slice(0, 9)
    .map(([kind, write]) => ({ kind, name: write(namesakes[0]!, () => 0.5, locale), email: null, truth: null }));

/** Rows that are nobody's of the course. None may be identified or proposed. */
export function nobodyCases({ pupils }: School, chance: Chance): Case[] {
  const some = () => pick(chance, pupils.slice(1, 30));
  const devices = [
    'iPad (3)',
    'iPhone',
    'Galaxy Tab A7',
    'DESKTOP-4F2K9A',
    'SM-A515F',
    'Fen Lab PC',
    'HUAWEI P30',
    'Akıllı Tahta',
    'Redmi Note 9',
    'MacBook Pro',
    'Zoom Room 2',
  ];
  const telephones = [
    '+90******12',
    '05xx',
    '+90 500 *** ** 12',
    'Call-in User_2',
    '0500 000 00 12',
    '+44 7700 900123',
    'Telefon kullanıcısı 3',
  ];
  const bots = [
    'Otter.ai Notetaker',
    'read.ai meeting notes',
    'Fireflies.ai Notetaker Ada',
    'tl;dv',
    'Fathom Notetaker',
    'Not tutucu botu',
  ];
  const strangers = ['Misafir Deniz', 'Guest', 'Zyx Qwert', 'asdf', '???? ??????', '🦄', 'Student 12', 'Kuzen', 'X Æ'];
  const owned = [
    () => `${some().given}'nın iPad'i`,
    () => `${some().given}'s iPhone`,
    () => `iPad (${some().name})`,
    () => `iPhone de ${some().given}`,
  ];
  const relatives = [
    () => `${some().given}'nın annesi`,
    () => `${some().name} (veli)`,
    () => `${some().name} (baba)`,
    () => `Mother of ${some().given}`,
    () => `${some().name} kardeşi`,
  ];
  const shared = [
    () => `${some().given} ve ${some().given}`,
    () => `${some().name} & ${some().name}`,
    () => `${some().given} and ${some().given}`,
  ];
  const half = [() => `${some().given} Qwertzuiop`, () => `Qwertzuiop ${some().family}`];
  const made = (kind: string, list: readonly (string | (() => string))[]) =>
    list.map((one) => ({ kind, name: typeof one === 'string' ? one : one(), email: null, truth: null }));
  return [
    ...made('device', devices),
    ...made('telephone', telephones),
    ...made('bot', bots),
    ...made('stranger', strangers),
    ...made('device of a pupil', owned),
    ...made('relative', relatives),
    ...made('shared device', shared),
    ...made('half a name', half),
  ];
}
