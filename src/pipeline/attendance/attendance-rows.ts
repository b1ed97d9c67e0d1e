import type { AttendanceRow as Row } from '../../adapters/prisma/generated/client.ts';
import type { AttendeeDecision } from '../../domain/attendance/decision.ts';
import { readIntervals } from '../../domain/attendance/interval.ts';
import type { ReportedRow } from '../../domain/attendance/row.ts';

/**
 * An address as rows and persons are compared by it: the keyed digest that the database has, in the form of an address. So no
 * address of a family has to be unlocked to find whose it is.
 */
export const digestAddress = (digest: Uint8Array): string => `${Buffer.from(digest).toString('hex')}@digest.invalid`;

/** A kept row, as the rules know it. */
export function toReportedRow(row: Row): ReportedRow {
  return {
    key: row.id,
    report: row.reportId,
    line: row.line,
    name: row.name,
    originalName: row.originalName,
    email: row.emailDigest === null ? null : digestAddress(row.emailDigest),
    account: row.account,
    role: null,
    joinedMs: row.joinedAt?.getTime() ?? null,
    leftMs: row.leftAt?.getTime() ?? null,
    isWaiting: row.isWaiting,
    isTelephone: row.isTelephone,
    toolConsent: null,
    spoke: row.spoke === null ? null : readIntervals(row.spoke, 'attendance_row.spoke'),
  };
}

export const toAttendeeDecision = ({ decision, personIds }: Row): AttendeeDecision | null =>
  decision === null ? null : { kind: decision, personIds };
