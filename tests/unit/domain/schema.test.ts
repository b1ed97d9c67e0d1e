import { expect, test } from 'vitest';
import { attendeeDecisionKinds } from '../../../src/domain/attendance/decision.ts';
import { removalWays } from '../../../src/domain/attendance/remove-person.ts';
import { attendanceTools } from '../../../src/domain/attendance/row.ts';
import { rowStates } from '../../../src/domain/attendance/row-match.ts';
import { personKinds } from '../../../src/domain/audit-event.ts';
import { captionsFormats } from '../../../src/domain/captions/parse-captions.ts';
import { captionsSources } from '../../../src/domain/captions/source.ts';
import { decisionKinds, grounds } from '../../../src/domain/decision.ts';
import { findingSources, workKinds } from '../../../src/domain/detection-rules.ts';
import { evidenceEvents } from '../../../src/domain/evidence.ts';
import { actorKinds, factorResetOutcomes, factors, scopes, staffRoles } from '../../../src/domain/ids.ts';
import { integrityKinds, scrubFaults } from '../../../src/domain/integrity.ts';
import { checkStates, recordingStates, renditionStates, uploadStates } from '../../../src/domain/lifecycle.ts';
import {
  attendanceRules,
  audiences,
  capacities,
  participantKinds,
  permissionStatuses,
  purposes,
  routes,
  siteKinds,
} from '../../../src/domain/permission.ts';
import { authorities, contactKinds, personRoles, relations, taskKinds } from '../../../src/domain/person.ts';
import { personErasureReasons } from '../../../src/domain/person-erasure.ts';
import { releaseEnds } from '../../../src/domain/release.ts';
import { deliveryKinds, deliveryStates, requestStates, textKinds } from '../../../src/domain/request.ts';
import { erasureReasons, erasureStates, lessonKinds, reSealStates } from '../../../src/domain/retention.ts';
import { changeKinds, changeStates } from '../../../src/domain/retention-change.ts';
import { rosterFormats } from '../../../src/domain/roster.ts';
import { scanFindings, scanPageStates } from '../../../src/domain/scan-page.ts';
import { framings } from '../../../src/vault/packet.ts';
import { readPrismaSchema } from '../../support/prisma-schema.ts';

const { enums, models } = readPrismaSchema();

/** Of the installation, not of a school (docs/decisions/0023-rows-of-a-school.md). */
const ofTheInstallation = [
  // The log is one, and begins before there is a school.
  'AuditArrival',
  'AuditEntry',
  'AuditBatch',
  'AuditTile',
  'AuditCheckpoint',
  'AuditMention',
  'AuditCosignature',
  'AuditAddress',
  'PersonKey',
  // Of people who are not known yet.
  'RateLimit',
  'Restore',
  'SignInFailure',
  'UsedChallenge',
  // Walks over all keys, or all objects.
  'RewrapRun',
  'IntegrityRun',
  // Of the queue, which is one.
  'PausedJob',
  // Made of the works, by their numbers.
  'WorkKey',
  // What was told once, most of it about the log.
  'SentDigest',
];

test('every model belongs to a school, through a parent if need be, or is named here as the installation’s', () => {
  const belonging = new Set(['School']);
  for (const { name, fields } of models)
    if (fields.some((field) => field.name === 'schoolId' && !field.isOptional)) belonging.add(name);
  for (let before = 0; before < belonging.size; ) {
    before = belonging.size;
    for (const { name, fields } of models) {
      const isRequired = (key: string) => fields.some((field) => field.name === key && !field.isOptional);
      const hangs = fields.some(({ type, attributes }) => {
        const key = /@relation\((?:"\w+", )?fields: \[(\w+)\]/.exec(attributes)?.[1];
        return key !== undefined && isRequired(key) && belonging.has(type);
      });
      if (hangs && !ofTheInstallation.includes(name)) belonging.add(name);
    }
  }
  const others = models.map(({ name }) => name).filter((name) => !belonging.has(name));
  expect(others.sort()).toEqual(ofTheInstallation.toSorted());
});

test('every schoolId is filled in by the database and leads to the school', () => {
  for (const { name, fields } of models) {
    const id = fields.find((field) => field.name === 'schoolId');
    if (!id) continue;
    expect(id.attributes, name).toContain('@default(dbgenerated("current_school()"))');
    expect(
      fields.find((field) => field.name === 'school'),
      name,
    ).toMatchObject({ type: 'School', attributes: '@relation(fields: [schoolId], references: [id])' });
  }
});

test('every enum of the schema is a list of the domain, to the order of its values', () => {
  expect(Object.fromEntries(enums)).toEqual({
    ActorKind: actorKinds,
    AttendanceRule: attendanceRules,
    AttendanceTool: attendanceTools,
    AttendeeDecisionKind: attendeeDecisionKinds,
    AttendeeState: rowStates,
    Audience: audiences,
    Authority: authorities,
    CaptionsFormat: captionsFormats,
    CaptionsSource: captionsSources,
    ChangeKind: changeKinds,
    ChangeState: changeStates,
    CheckState: checkStates,
    ContactKind: contactKinds,
    DecisionKind: decisionKinds,
    DeliveryKind: deliveryKinds,
    DeliveryState: deliveryStates,
    ErasureReason: erasureReasons,
    ErasureState: erasureStates,
    EvidenceEvent: evidenceEvents,
    Factor: factors,
    FactorResetOutcome: factorResetOutcomes,
    FindingSource: findingSources,
    Framing: framings,
    Ground: grounds,
    IntegrityKind: integrityKinds,
    LessonKind: lessonKinds,
    ParticipantKind: participantKinds,
    PermissionStatus: permissionStatuses,
    PersonKind: personKinds,
    PersonRole: personRoles,
    Purpose: purposes,
    ReSealState: reSealStates,
    RecordingState: recordingStates,
    Relation: relations,
    RemovalWay: removalWays,
    ReleaseEnd: releaseEnds,
    RenditionState: renditionStates,
    RequestState: requestStates,
    RosterFormat: rosterFormats,
    Route: routes,
    Scope: scopes,
    ScanFinding: scanFindings,
    ScanPageState: scanPageStates,
    ScrubFault: scrubFaults,
    SignerCapacity: capacities,
    SiteKind: siteKinds,
    StaffRole: staffRoles,
    TaskKind: taskKinds,
    PersonErasureReason: personErasureReasons,
    TextKind: textKinds,
    UploadState: uploadStates,
    WorkKind: workKinds,
  });
});
