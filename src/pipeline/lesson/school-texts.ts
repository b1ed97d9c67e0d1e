import type { Language } from '../../domain/language.ts';
import { languageTags } from '../../domain/language.ts';
import { type TextKind, textKinds } from '../../domain/request.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'wording'>;

/** A text as signers of a new course would read it. */
export interface SchoolText {
  readonly kind: TextKind;
  readonly language: Language;
  readonly version: number;
  readonly text: string;
  readonly isOwn: boolean;
}

export async function listTexts({ database: { read }, wording }: Needs): Promise<SchoolText[]> {
  const { name } = await read.school.findFirstOrThrow({ select: { name: true } });
  const shipped = wording.terms(name);
  const own = await read.schoolText.findMany({ orderBy: { version: 'desc' } });
  return languageTags.flatMap((language) =>
    textKinds.map((kind) => {
      const found = own.find((row) => row.kind === kind && row.language === language);
      const { version, text } = found ?? shipped[language][kind];
      return { kind, language, version, text, isOwn: found !== undefined };
    }),
  );
}

/**
 * A new version of a text. A course that was asked about keeps the words that its signers read, until it is changed itself.
 */
export function setText(
  { database }: Needs,
  caller: Caller,
  { kind, language, text }: { kind: TextKind; language: Language; text: string },
): Promise<SchoolText> {
  return database.transact(caller, async (tx) => {
    const { id } = await tx.db.school.findFirstOrThrow({ select: { id: true } });
    // Version 1 is the one that came with the product.
    const before = await tx.db.schoolText.aggregate({ where: { kind, language }, _max: { version: true } });
    const version = (before._max.version ?? 1) + 1;
    await tx.db.schoolText.create({ data: { kind, language, version, text, createdById: staffIdOf(caller) } });
    await tx.log({
      action: 'school.text_set',
      outcome: 'done',
      object: { kind: 'school', id },
      details: { kind, language, version },
    });
    return { kind, language, version, text, isOwn: true };
  });
}
