/** What somebody is to the school. One person may be several. */
export const personRoles = ['pupil', 'staff', 'guest', 'guardian', 'contact'] as const;
export type PersonRole = (typeof personRoles)[number];

/**
 * How somebody is related to a pupil. Only the first three may sign. `carer`: a guardian, and a parent where it is not said
 * whether mother or father.
 */
export const relations = ['mother', 'father', 'carer', 'other'] as const;
export type Relation = (typeof relations)[number];

/** What a guardian may do for a pupil: answer, only be told, or neither. Policy P6. */
export const authorities = ['may_sign', 'contact_only', 'none'] as const;
export type Authority = (typeof authorities)[number];

/** Whether somebody signs alone at `at`. `adultFrom` null: it is not known, and then they do not. Policy P6. */
export function isOfAge(adultFrom: Date | null, at: Date): boolean {
  return adultFrom !== null && adultFrom <= at;
}

/** `other`: what is neither, such as a postal address. */
export const contactKinds = ['email', 'phone', 'other'] as const;
export type ContactKind = (typeof contactKinds)[number];

/**
 * What waits for a person to decide. The first three come from an import, which neither grants nor revokes by itself.
 * `decide_conflict`: guardians of one child disagree. `correct_address`: mail to it comes back. `ask_of_age`: somebody came of
 * age and signs alone now.
 */
export const taskKinds = [
  'decide_guardianship',
  'guardian_not_listed',
  'pupil_not_listed',
  'decide_conflict',
  'correct_address',
  'ask_of_age',
] as const;
export type TaskKind = (typeof taskKinds)[number];

/**
 * A name by which two writings of it are the same name: spaces folded, letters small by Turkish rules. A dot is a letter
 * apart: `10/I` is not `10/İ`, and ILGIN is Ilgın.
 */
export function foldName(name: string): string {
  return name.normalize('NFC').trim().replaceAll(/\s+/gu, ' ').toLocaleLowerCase('tr');
}

/** A text as it is searched for: as {@link foldName}, without marks and with every i the same. */
export function foldForSearch(text: string): string {
  return foldName(text).normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll(/ı/g, 'i');
}

/**
 * An address as it is compared: e-mail in small letters (RFC 5321, 2.4: the domain has no case, and no school tells two
 * mailboxes apart by it); a telephone number as its digits, with `+` in front where it begins with a country.
 */
export function normalizeContact(kind: ContactKind, value: string): string {
  if (kind === 'email') return value.trim().toLowerCase();
  if (kind === 'other') return foldName(value);
  const digits = value.replaceAll(/\D/g, '');
  return value.trim().startsWith('+') || digits.startsWith('00') ? `+${digits.replace(/^00/, '')}` : digits;
}

/** What kind of address somebody typed. */
export function contactKindOf(value: string): ContactKind {
  const typed = value.trim();
  if (/^[^\s@]+@[^\s@]+$/u.test(typed)) return 'email';
  return /^\+?[\d\s()/.-]{5,}$/.test(typed) ? 'phone' : 'other';
}
