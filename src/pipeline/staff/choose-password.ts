import { Refusal } from '../../domain/errors.ts';
import type { Outside } from '../ports/outside.ts';

const sentences = {
  breached: { code: 'PASSWORD_BREACHED' },
  context: { code: 'PASSWORD_CONTEXT' },
  guessable: { code: 'PASSWORD_GUESSABLE' },
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
