import { anyAssurance } from '../../src/domain/assurance.ts';
import type { LessonParticipant, LessonRecord, Permission } from '../../src/domain/permission.ts';

export const start = new Date('2026-03-02T09:00:00Z');
export const end = new Date('2026-03-02T09:40:00Z');
export const now = new Date('2026-03-03T12:00:00Z');
const signed = new Date('2026-02-20T10:00:00Z');

/** A lesson with one site, one adult and one minor with two guardians, and everything in order. */
export function lesson(change: Partial<LessonRecord> = {}): LessonRecord {
  return {
    id: 'lesson',
    reason: 'For pupils who were ill',
    plannedStart: start,
    plannedEnd: end,
    supervisorName: 'Tuna Öğretmen',
    channel: {
      id: 'channel',
      name: 'Zoom',
      approved: true,
      assessments: [{ validFrom: new Date('2026-01-01T00:00:00Z'), validUntil: new Date('2026-07-01T00:00:00Z') }],
    },
    announcement: { at: start, by: 'Tuna Öğretmen', how: 'spoken' },
    sites: [{ id: 'site', name: 'Taraşçı Okulu' }],
    participants: [participant({ id: 'adult', name: 'Tuna Öğretmen', isMinor: false, guardians: [] }), participant()],
    asksToTakePart: false,
    terms: null,
    rules: plainRules,
    attendance: null,
    ...change,
  };
}

/** One guardian is enough, and no attendance report is asked for. */
export const plainRules: LessonRecord['rules'] = {
  requireAllGuardians: false,
  requirePupilSignature: false,
  leastAssurance: anyAssurance,
  attendance: 'never',
};

/** The minor with two guardians. */
export function participant(change: Partial<LessonParticipant> = {}): LessonParticipant {
  return {
    id: 'minor',
    personId: change.id ?? 'minor',
    name: 'Ada Örnek',
    isMinor: true,
    adultFrom: null,
    guardians: [
      { id: 'mother', name: 'Gül Örnek', until: null },
      { id: 'father', name: 'Can Örnek', until: null },
    ],
    isUnrecorded: false,
    objections: [],
    ...change,
  };
}

export function permission(of: 'site' | 'adult' | 'minor', change: Partial<Permission> = {}): Permission {
  const signer = {
    site: { name: 'Okul Müdürü', capacity: 'site_representative' as const, guardianId: null },
    adult: { name: 'Tuna Öğretmen', capacity: 'self' as const, guardianId: null },
    minor: { name: 'Gül Örnek', capacity: 'guardian' as const, guardianId: 'mother' },
  }[of];
  return {
    id: `permission-${of}`,
    subject: { kind: of === 'site' ? 'site' : 'participant', id: of },
    status: 'granted',
    purposes: ['record', 'keep'],
    releaseTo: [],
    declined: [],
    declinedTo: [],
    route: 'paper',
    signer,
    signedAt: signed,
    isDatedByDay: false,
    inHandAt: null,
    validUntil: null,
    assurance: 1,
    terms: null,
    reason: 'For pupils who were ill',
    receivedAt: signed,
    noAt: [],
    ...change,
  };
}

export const allPermissions = (): Permission[] => [permission('site'), permission('adult'), permission('minor')];

/** All permissions in order, except the changed one. */
export function permissionsWith(of: 'site' | 'adult' | 'minor', change: Partial<Permission>): Permission[] {
  return allPermissions().map((p) => (p.id === `permission-${of}` ? { ...p, ...change } : p));
}
