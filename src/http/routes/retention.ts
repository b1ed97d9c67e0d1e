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
import { tellIn } from '../tell.ts';

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
    async addPolicy({ caller, body, language }) {
      const { waiting, ...added } = await addPolicy(outside, caller, body);
      return { ...added, waiting: waiting && tellIn(language).change(waiting) };
    },
    async removePolicy({ caller, params, language }) {
      const { waiting } = await removePolicy(outside, caller, params.policyId);
      return { waiting: waiting && tellIn(language).change(waiting) };
    },
    listRetentionChanges: async ({ language }) => ({
      items: (await listChanges(outside)).map(tellIn(language).change),
    }),
    confirmRetentionChange: ({ caller, params }) => confirmChange(outside, caller, params.changeId),
    callBackRetentionChange: ({ caller, params }) => callBackChange(outside, caller, params.changeId),
    previewRetention: async ({ query, language }) => ({
      items: (await previewRetention(outside, query.days)).map(tellIn(language).fate),
    }),
    listHolds: async () => ({ items: await listHolds(outside) }),
    holdRecording: ({ caller, params, body }) => setHold(outside, caller, { recordingId: params.recordingId }, body),
    holdLesson: ({ caller, params, body }) => setHold(outside, caller, { lessonId: params.lessonId }, body),
    liftHold: ({ caller, params, body }) => liftHold(outside, caller, params.holdId, body.why),
    async eraseRecording({ caller, params, body, language }) {
      await askErasure(outside, caller, params.recordingId, body);
      return tellIn(language).recording(await getRecording(outside, params.recordingId, { showsCoverage: true }));
    },
    getCertificate: ({ caller, params }) => getCertificate(outside, caller, params.recordingId),
    async reSealRecording({ caller, params, body, language }) {
      await requestReSeal(outside, caller, params.recordingId, body.why);
      return tellIn(language).recording(await getRecording(outside, params.recordingId, { showsCoverage: true }));
    },
    getIntegrity: () => getIntegrity(outside),
    listKeys: () => listKeys(outside),
    startScrub: ({ caller }) => startScrub(outside, caller),
  };
}
