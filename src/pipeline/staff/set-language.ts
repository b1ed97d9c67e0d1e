import type { Language } from '../../domain/language.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** In which language pages, answers and mails speak to the caller from now on. A preference: no entry of the log. */
export async function setLanguage(
  { database }: Pick<Outside, 'database'>,
  caller: Caller,
  language: Language,
): Promise<void> {
  await database.transact(caller, (tx) =>
    tx.db.user.updateMany({ where: { id: staffIdOf(caller) }, data: { language } }),
  );
}
