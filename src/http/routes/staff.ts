import { digestToken } from '../../pipeline/core/token.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { createScimToken, listScimTokens, revokeScimToken } from '../../pipeline/provisioning/scim-token.ts';
import { acceptInvitation } from '../../pipeline/staff/accept-invitation.ts';
import { askForFactorReset } from '../../pipeline/staff/ask-for-factor-reset.ts';
import { cancelFactorReset } from '../../pipeline/staff/cancel-factor-reset.ts';
import { changeStaff } from '../../pipeline/staff/change-staff.ts';
import { confirmFactorReset } from '../../pipeline/staff/confirm-factor-reset.ts';
import { endSessionsOf } from '../../pipeline/staff/end-sessions.ts';
import { invite } from '../../pipeline/staff/invite.ts';
import { listFactorResets } from '../../pipeline/staff/list-factor-resets.ts';
import { listInvitations } from '../../pipeline/staff/list-invitations.ts';
import { listSessionsOf } from '../../pipeline/staff/list-sessions.ts';
import { listPeople } from '../../pipeline/staff/person.ts';
import { revokeInvitation } from '../../pipeline/staff/revoke-invitation.ts';
import { sendPasswordReset } from '../../pipeline/staff/send-password-reset.ts';
import type { Handlers } from '../mount.ts';
import { toOpenSession } from './session.ts';

type Own =
  | 'listStaff'
  | 'changeStaff'
  | 'listSessionsOf'
  | 'endSessionOf'
  | 'endSessionsOf'
  | 'sendPasswordReset'
  | 'askForFactorReset'
  | 'listFactorResets'
  | 'confirmFactorReset'
  | 'cancelFactorReset'
  | 'listScimTokens'
  | 'createScimToken'
  | 'revokeScimToken'
  | 'listInvitations'
  | 'invite'
  | 'revokeInvitation'
  | 'acceptInvitation';

export function staffRoutes(outside: Outside, mailLink: ((token: string) => string) | null): Pick<Handlers, Own> {
  return {
    listStaff: async () => ({ items: await listPeople(outside) }),
    changeStaff: ({ caller, params, body }) => changeStaff(outside, caller, params.userId, body),
    async listSessionsOf({ params, signedIn }) {
      const items = await listSessionsOf(outside, params.userId);
      return { items: items.map((session) => toOpenSession(session, signedIn.sessionId)) };
    },
    endSessionOf: ({ caller, params }) => endSessionsOf(outside, caller, params),
    endSessionsOf: ({ caller, params }) => endSessionsOf(outside, caller, params),
    sendPasswordReset: ({ caller, params }) => sendPasswordReset(outside, caller, params.userId),
    askForFactorReset: ({ caller, params }) => askForFactorReset(outside, caller, params.userId),
    listFactorResets: async () => ({ items: await listFactorResets(outside) }),
    confirmFactorReset: ({ caller, params }) => confirmFactorReset(outside, caller, params.resetId),
    cancelFactorReset: ({ caller, params }) => cancelFactorReset(outside, caller, params.resetId),
    listScimTokens: async () => ({ items: await listScimTokens(outside) }),
    createScimToken: ({ caller, body }) => createScimToken(outside, caller, body),
    revokeScimToken: ({ caller, params }) => revokeScimToken(outside, caller, params.tokenId),
    listInvitations: async () => ({ items: await listInvitations(outside) }),
    invite: ({ caller, body }) => invite(outside, caller, body, mailLink),
    revokeInvitation: ({ caller, params }) => revokeInvitation(outside, caller, params.invitationId),
    acceptInvitation: async ({ caller, body }) =>
      acceptInvitation(await outside.schools.ofSecret('invitation', digestToken(body.token)), caller, body),
  };
}
