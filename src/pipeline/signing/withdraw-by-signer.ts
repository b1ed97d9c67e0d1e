import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockCourse } from '../core/gate-record.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { findRecordedLessons } from '../core/quarantine.ts';
import { grantsCoveredBy } from '../permission/note-answer.ts';
import type { Outside } from '../ports/outside.ts';
import { findAnswer } from './find-answer.ts';
import { callerOf, findSigner, holdLink } from './find-signer.ts';
import { lessonsOfAnswer } from './lessons-of-answer.ts';
import { type Pressed, pressedEvidence } from './no-evidence.ts';
import { takeBack } from './take-back.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

/**
 * Takes an answer back by the link, at once: in the same transaction every recording that rested on it goes into quarantine.
 * No reason is asked. The evidence is null where staff noted the answer of a lesson that stands alone: no terms were read.
 * Pressed again it answers what it did.
 * @throws Refusal `LINK_NOT_VALID`, `NOT_FOUND`; `STATE_CHANGED` where it never was a yes.
 */
export async function withdrawBySigner(
  outside: Needs,
  token: string,
  permissionId: Id,
  pressed: Pressed,
): Promise<{ evidenceId: Id | null }> {
  const { database, clock } = outside;
  const signer = await findSigner(database.read, token);
  const caller = callerOf(signer, pressed.address);
  const { courseId } = await findAnswer(database.read, signer, permissionId);
  return database.transact(caller, async (tx) => {
    await lockCourse(tx.db, courseId);
    await holdLink(tx, signer);
    const asked = await findAnswer(tx.db, signer, permissionId);
    // Only a yes is taken back: what else they once granted, where this one is none. A no or an invalid record stays what it is.
    const [covered] = asked.status === 'granted' ? [asked] : await grantsCoveredBy(tx, asked);
    if (!covered) {
      if (asked.status !== 'withdrawn') throw new Refusal('STATE_CHANGED');
      // Pressed twice: it is as they want it.
      const act = { permissionId, event: 'withdrawn' } as const;
      const done = await tx.db.evidence.findFirst({ where: act, orderBy: { createdAt: 'desc' }, select: { id: true } });
      return { evidenceId: done?.id ?? null };
    }
    const before = covered.id === asked.id ? asked : await findAnswer(tx.db, signer, covered.id);
    const at = clock();
    const { evidenceId } = await takeBack(outside, tx, caller, before, {
      at,
      by: signer,
      evidence: (book) => pressedEvidence(book, signer, before, { event: 'withdrawn', at, lesson: null }, pressed),
    });
    return { evidenceId };
  });
}

/** What a withdrawal of this answer stops, as its signer may know it. */
export async function previewBySigner({ database: { read }, clock }: Needs, token: string, permissionId: Id) {
  const signer = await findSigner(read, token);
  const answer = await findAnswer(read, signer, permissionId);
  const { participant, site } = answer;
  const recorded = await findRecordedLessons(read, await lessonsOfAnswer(read, signer, answer, clock()));
  const { timeZone } = await findPermissionRules(read);
  return {
    subject: site?.name ?? participant?.person.name ?? '',
    recorded,
    timeZone,
    language: signer.language,
  };
}
