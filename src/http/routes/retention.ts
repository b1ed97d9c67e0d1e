import { listKeys } from '../../pipeline/keys/list-keys.ts';
import { getIntegrity } from '../../pipeline/oversight/get-integrity.ts';
import { startScrub } from '../../pipeline/oversight/start-scrub.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { addPolicy } from '../../pipeline/retention/add-policy.ts';
import { askErasure } from '../../pipeline/retention/ask-erasure.ts';
import { callBackChange } from '../../pipeline/retention/call-back-change.ts';
import { confirmChange } from '../../pipeline/retention/confirm-change.ts';
import { getCertificate } from '../../pipeline/retention/get-certificate.ts';
import { liftHold } from '../../pipeline/retention/lift-hold.ts';
import { listChanges } from '../../pipeline/retention/list-changes.ts';
import { listHolds } from '../../pipeline/retention/list-holds.ts';
import { listPolicies } from '../../pipeline/retention/list-policies.ts';
import { previewRetention } from '../../pipeline/retention/preview-retention.ts';
import { removePolicy } from '../../pipeline/retention/remove-policy.ts';
import { requestReSeal } from '../../pipeline/retention/request-re-seal.ts';
import { setHold } from '../../pipeline/retention/set-hold.ts';
import { getRecording } from '../../pipeline/review/get-recording.ts';
import type { Handlers } from '../mount.ts';

type Own =
  | 'listPolicies'
  | 'addPolicy'
  | 'removePolicy'
  | 'listRetentionChanges'
  | 'confirmRetentionChange'
  | 'callBackRetentionChange'
  | 'previewRetention'
  | 'listHolds'
  | 'holdRecording'
  | 'holdLesson'
  | 'liftHold'
  | 'eraseRecording'
  | 'getCertificate'
  | 'reSealRecording'
  | 'getIntegrity'
  | 'listKeys'
  | 'startScrub';

export function retentionRoutes(outside: Outside): Pick<Handlers, Own> {
  return {
    listPolicies: async () => ({ items: await listPolicies(outside) }),
    addPolicy: ({ caller, body }) => addPolicy(outside, caller, body),
    removePolicy: ({ caller, params }) => removePolicy(outside, caller, params.policyId),
    listRetentionChanges: async () => ({ items: await listChanges(outside) }),
    confirmRetentionChange: ({ caller, params }) => confirmChange(outside, caller, params.changeId),
    callBackRetentionChange: ({ caller, params }) => callBackChange(outside, caller, params.changeId),
    previewRetention: async ({ query }) => ({ items: await previewRetention(outside, query.days) }),
    listHolds: async () => ({ items: await listHolds(outside) }),
    holdRecording: ({ caller, params, body }) => setHold(outside, caller, { recordingId: params.recordingId }, body),
    holdLesson: ({ caller, params, body }) => setHold(outside, caller, { lessonId: params.lessonId }, body),
    liftHold: ({ caller, params, body }) => liftHold(outside, caller, params.holdId, body.why),
    async eraseRecording({ caller, params, body }) {
      await askErasure(outside, caller, params.recordingId, body);
      return getRecording(outside, params.recordingId);
    },
    getCertificate: ({ caller, params }) => getCertificate(outside, caller, params.recordingId),
    async reSealRecording({ caller, params, body }) {
      await requestReSeal(outside, caller, params.recordingId, body.why);
      return getRecording(outside, params.recordingId);
    },
    getIntegrity: () => getIntegrity(outside),
    listKeys: () => listKeys(outside),
    startScrub: ({ caller }) => startScrub(outside, caller),
  };
}
