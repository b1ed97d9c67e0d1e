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
import { runnerCapabilities, runnerFaults, runnerJobStates } from '../../../src/domain/runner.ts';
import { scanFindings, scanPageStates } from '../../../src/domain/scan-page.ts';
import { framings } from '../../../src/vault/packet.ts';
import { readPrismaSchema } from '../../support/prisma-schema.ts';

const { enums, models } = readPrismaSchema();

/** Of the installation, not of a school (docs/decisions/0040-many-schools.md). */
const ofTheInstallation = [
  'Installation',
  'Restore',
  // Of people who are not known yet.
  'RateLimit',
  'SignInFailure',
  'UsedChallenge',
  // Somebody who signs in may belong to several schools.
  'Account',
  'Authenticator',
  'BackupCode',
  'ExternalIdentity',
  'Passkey',
  'Password',
];

test('every row says which school it belongs to, filled in by the database, or is named here as the installation’s', () => {
  const others: string[] = [];
  for (const { name, fields } of models) {
    const id = fields.find((field) => field.name === (name === 'School' ? 'id' : 'schoolId'));
    if (id === undefined) others.push(name);
    else expect(id, name).toMatchObject({ isOptional: false });
    if (id) expect(id.attributes, name).toContain('@default(dbgenerated("current_school()"))');
  }
  expect(others.sort()).toEqual(ofTheInstallation.toSorted());
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
    RunnerCapability: runnerCapabilities,
    RunnerFault: runnerFaults,
    RunnerJobState: runnerJobStates,
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
