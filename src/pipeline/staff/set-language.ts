import type { Language } from '../../domain/language.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

export async function setLanguage(
  { database }: Pick<Outside, 'database'>,
  caller: Caller,
  language: Language,
): Promise<void> {
  await database.read.user.update({ where: { id: staffIdOf(caller) }, data: { language } });
}
