import { type FirstStep, firstSteps } from '../../domain/first-step.ts';
import type { Outside } from '../ports/outside.ts';

interface StepDone {
  readonly step: FirstStep;
  readonly done: boolean;
  /** When it was done first, where that is known. */
  readonly at: Date | null;
}

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

/** What a new school does first, and what of it is done. Nothing is written down for it: it is read off what there is. */
export async function listFirstSteps(outside: Needs): Promise<StepDone[]> {
  return Promise.all(firstSteps.map(async (step) => ({ step, ...(await looks[step](outside)) })));
}

type Look = (outside: Needs) => Promise<Omit<StepDone, 'step'>>;

const doneAt = (at: Date | null | undefined) => ({ done: at != null, at: at ?? null });

const looks: Record<FirstStep, Look> = {
  async name_school({ database }) {
    const school = await database.read.school.findFirst({ select: { createdAt: true } });
    return doneAt(school?.createdAt);
  },
  async choose_rules({ database: { read } }) {
    const school = await read.school.findFirst({ select: { permissionRules: true } });
    const entry = await read.auditEntry.findFirst({
      where: { action: 'school.changed', outcome: 'done' },
      orderBy: { seq: 'asc' },
      select: { at: true },
    });
    return { done: entry !== null || (school?.permissionRules ?? null) !== null, at: entry && new Date(entry.at) };
  },
  async assess_channel({ database, clock }) {
    const now = clock();
    const assessment = await database.read.riskAssessment.findFirst({
      where: { validFrom: { lte: now }, validUntil: { gt: now }, channel: { approved: true } },
      orderBy: { createdAt: 'asc' },
      select: { createdAt: true },
    });
    return doneAt(assessment?.createdAt);
  },
  async invite_staff({ database }) {
    // The first administrator is invited by nobody.
    const invitation = await database.read.invitation.findFirst({
      where: { invitedById: { not: null } },
      orderBy: { createdAt: 'asc' },
      select: { createdAt: true },
    });
    if (invitation !== null) return doneAt(invitation.createdAt);
    // Or the provider of single sign-on has brought somebody.
    const provided = await database.read.user.aggregate({ _min: { providedAt: true } });
    return doneAt(provided._min.providedAt);
  },
  async test_mail({ database, settings }) {
    if (!settings.sendsMail) return doneAt(null);
    const school = await database.read.school.findFirst({ select: { mailTestedAt: true } });
    return doneAt(school?.mailTestedAt);
  },
  async import_people({ database }) {
    const roster = await database.read.rosterImport.findFirst({
      orderBy: { importedAt: 'asc' },
      select: { importedAt: true },
    });
    return doneAt(roster?.importedAt);
  },
  async open_course({ database }) {
    const course = await database.read.course.findFirst({
      where: { isSingle: false },
      orderBy: { createdAt: 'asc' },
      select: { createdAt: true },
    });
    return doneAt(course?.createdAt);
  },
};
