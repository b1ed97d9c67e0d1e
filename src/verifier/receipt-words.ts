import type { ReceiptSummary } from '../audit/receipt.ts';

type Evidence = ReceiptSummary['evidence'];
type Answered = Evidence['answers'][number];

interface ReceiptWords {
  readonly intact: string;
  readonly event: Readonly<Record<Evidence['event'], string>>;
  readonly purpose: Readonly<Record<Answered['purpose'], string>>;
  readonly audience: Readonly<Record<NonNullable<Answered['audience']>, string>>;
  readonly answer: Readonly<Record<Answered['answer'], string>>;
  readonly capacity: Readonly<Record<Evidence['signer']['capacity'], string>>;
  readonly act: Readonly<Record<Evidence['act']['kind'], string>>;
  readonly facts: Readonly<Record<'school' | 'course' | 'about' | 'by' | 'at' | 'how' | 'answers', string>>;
  readonly proves: string;
  readonly provesIf: string;
  readonly proven: (facts: { at: string; seq: number; size: number; loggedAt: string }) => readonly string[];
  readonly provesNot: string;
  readonly notProven: (facts: { name: string; hasLink: boolean }) => readonly string[];
}

const words: Readonly<Record<'tr' | 'en', ReceiptWords>> = {
  en: {
    intact: 'Intact: every part of this receipt fits the others and the signed log.',
    event: { answered: 'answer', withdrawn: 'withdrawal', objected: 'objection to one lesson' },
    purpose: { take_part: 'take part', record: 'record', keep: 'keep', release: 'show' },
    audience: {
      class: 'show to the class',
      school: 'show to the school',
      sites: 'show to the sites',
      families: 'show to families',
    },
    answer: { yes: 'yes', no: 'no' },
    capacity: { guardian: 'guardian', self: 'for themselves', site_representative: 'representative of the site' },
    act: {
      pressed: 'pressed a button',
      typed: 'typed a name',
      drawn: 'drew a signature',
      paper: 'signed a paper',
      secure_signature: 'secure electronic signature',
      noted: 'written down by the school',
    },
    facts: {
      school: 'School',
      course: 'Course',
      about: 'About',
      by: 'Signer',
      at: 'Time (UTC)',
      how: 'How',
      answers: 'Answers',
    },
    proves: 'It proves:',
    provesIf: 'If the key below is the key of the school, it proves:',
    proven: ({ at, seq, size, loggedAt }) => [
      `the server of the school received exactly this at ${at} and entered it on its log at ${loggedAt}`,
      `it is entry ${seq} of ${size} on the log that was signed: with this receipt, any later change is noticed`,
      'the terms in the receipt are those that were answered',
    ],
    provesNot: 'It does not prove:',
    notProven: ({ name, hasLink }) => [
      hasLink
        ? `that it was ${name} who did it: the personal link was held, and by whom the log cannot know`
        : `that it was ${name} who did it: the log has what the school received`,
      'that it still holds: a later answer or withdrawal has a receipt of its own',
    ],
  },
  tr: {
    intact: 'Sağlam: bu alındı belgesinin parçaları birbirine ve imzalı günlüğe uyuyor.',
    event: { answered: 'yanıt', withdrawn: 'izni geri çekme', objected: 'tek bir derse itiraz' },
    purpose: { take_part: 'katılım', record: 'kayıt', keep: 'saklama', release: 'gösterme' },
    audience: {
      class: 'sınıfa gösterme',
      school: 'okula gösterme',
      sites: 'katılım noktalarına gösterme',
      families: 'ailelere gösterme',
    },
    answer: { yes: 'evet', no: 'hayır' },
    capacity: { guardian: 'veli', self: 'kendi adına', site_representative: 'katılım noktasının temsilcisi' },
    act: {
      pressed: 'düğmeye basıldı',
      typed: 'ad yazıldı',
      drawn: 'imza çizildi',
      paper: 'kâğıt imzalandı',
      secure_signature: 'güvenli elektronik imza',
      noted: 'okul not etti',
    },
    facts: {
      school: 'Okul',
      course: 'Ders',
      about: 'Kimin için',
      by: 'İmzalayan',
      at: 'Zaman (UTC)',
      how: 'Nasıl',
      answers: 'Yanıtlar',
    },
    proves: 'Kanıtladığı:',
    provesIf: 'Aşağıdaki anahtar okulun anahtarıysa kanıtladığı:',
    proven: ({ at, seq, size, loggedAt }) => [
      `okulun sunucusu tam olarak bu içeriği aldı (${at}) ve günlüğüne yazdı (${loggedAt})`,
      `imzalanan günlükteki ${size} kayıttan ${seq} numaralısı: bu belgeyle sonraki her değişiklik fark edilir`,
      'belgedeki koşullar, yanıtlanan koşullardır',
    ],
    provesNot: 'Kanıtlamadığı:',
    notProven: ({ name, hasLink }) => [
      hasLink
        ? `yapanın gerçekten bu kişi olduğu (${name}): kişisel bağlantı kullanıldı, kimin elinde olduğunu günlük bilemez`
        : `yapanın gerçekten bu kişi olduğu (${name}): günlükte okulun aldığı bilgi vardır`,
      'hâlâ geçerli olduğu: sonraki bir yanıtın ya da geri çekmenin kendi belgesi vardır',
    ],
  },
};

/** What an intact receipt says, what that proves, and what it does not. */
export function tellReceipt(
  { evidence, terms, seq, size, loggedAt, isKeyKnown }: ReceiptSummary,
  language: 'tr' | 'en',
): string[] {
  const t = words[language];
  const { subject, signer, answers, act } = evidence;
  const fact = (name: keyof ReceiptWords['facts'], value: string) => `  ${t.facts[name]}: ${value}`;
  const told = answers.map(({ purpose, audience, answer }) => {
    const what = audience === null ? wordFor(t.purpose, purpose) : wordFor(t.audience, audience);
    return `${what}: ${t.answer[answer]}`;
  });
  const at = shown(evidence.answeredAt);
  const proven = t.proven({ at, seq, size, loggedAt: shown(loggedAt ?? '–') });
  const notProven = t.notProven({ name: shown(signer.name), hasLink: evidence.tokenSha256 !== null });
  return [
    t.intact,
    fact('school', shown(terms.school)),
    fact('course', shown(terms.course)),
    fact('about', shown(subject.class === null ? subject.name : `${subject.name} (${subject.class})`)),
    fact('by', `${shown(signer.name)} (${wordFor(t.capacity, signer.capacity)})`),
    fact('at', at),
    fact('how', `${wordFor(t.event, evidence.event)}; ${wordFor(t.act, act.kind)}`),
    fact('answers', told.join('; ')),
    isKeyKnown ? t.proves : t.provesIf,
    ...proven.map((line) => `  - ${line}`),
    t.provesNot,
    ...notProven.map((line) => `  - ${line}`),
  ];
}

/** The word for a value that a receipt states; a value of another version stands as it is. */
const wordFor = (all: Readonly<Record<string, string>>, value: string) =>
  Object.hasOwn(all, value) ? (all[value] ?? '') : shown(value);

/** A text of the receipt on one line of a terminal: nothing in it can move the cursor or turn the line around. */
const shown = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '�');
