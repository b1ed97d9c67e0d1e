import { Refusal } from '../../domain/errors.ts';
import type { Outside } from '../ports/outside.ts';

const sentences = {
  breached: {
    code: 'PASSWORD_BREACHED',
    tr: 'Bu parola ele geçirilmiş parolaların listesinde. Başka bir parola seçin; birkaç sözcükten oluşan bir cümle iyi olur.',
    en: 'This password is on a list of breached passwords. Choose another one; a sentence of a few words is good.',
  },
  context: {
    code: 'PASSWORD_CONTEXT',
    tr: 'Bu parola adınızdan, e-posta adresinizden ya da okulun adından oluşuyor. Başka bir parola seçin.',
    en: 'This password is made of your name, your e-mail address or the school’s name. Choose another one.',
  },
  guessable: {
    code: 'PASSWORD_GUESSABLE',
    tr: 'Bu parola kolay tahmin edilir. Daha uzun bir parola seçin; birbiriyle ilgisiz birkaç sözcük iyi olur.',
    en: 'This password is easy to guess. Choose a longer one; a few words that have nothing to do with each other are good.',
  },
} as const;

/**
 * Hashes a password that is good enough: twelve characters or more (the contract sees to it), on no list of breached ones,
 * not made of what stands around the person, and not soon guessed. No rules of composition, no end. NIST SP 800-63B, 3.1.1.2.
 * @throws Refusal `INVALID_REQUEST` that says what is wrong with it; `TOO_MANY_REQUESTS`.
 */
export async function choosePassword(
  { credentials, database }: Pick<Outside, 'credentials' | 'database'>,
  password: string,
  person: { readonly name: string; readonly email: string },
): Promise<string> {
  const schools = await database.read.school.findMany({ select: { name: true }, take: 10 });
  const context = [person.name, person.email, ...schools.map(({ name }) => name), 'emanet'];
  const flaw = await credentials.strength.judge(password, context);
  if (flaw !== null)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ ...sentences[flaw], subject: { kind: 'field', id: 'password' } }],
    });
  return credentials.passwords.hash(password);
}
