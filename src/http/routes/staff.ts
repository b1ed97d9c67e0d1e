import type { Outside } from '../../pipeline/ports.ts';
import { changeStaff } from '../../pipeline/staff/change-staff.ts';
import { sendPasswordReset } from '../../pipeline/staff/reset-password.ts';
import * as resets from '../../pipeline/staff/reset-second-factor.ts';
import * as sessions from '../../pipeline/staff/sessions.ts';
import { listPeople } from '../../pipeline/staff/sign-in.ts';
import * as staff from '../../pipeline/staff/staff.ts';
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
  | 'listInvitations'
  | 'invite'
  | 'revokeInvitation'
  | 'acceptInvitation';

export function staffRoutes(outside: Outside, mailLink: ((token: string) => string) | null): Pick<Handlers, Own> {
  return {
    listStaff: async () => ({ items: await listPeople(outside.database) }),
    changeStaff: ({ caller, params, body }) => changeStaff(outside, caller, params.userId, body),
    async listSessionsOf({ params, signedIn }) {
      const items = await sessions.listSessionsOf(outside, params.userId);
      return { items: items.map((session) => toOpenSession(session, signedIn!.sessionId)) };
    },
    endSessionOf: ({ caller, params }) => sessions.endSessionsOf(outside, caller, params),
    endSessionsOf: ({ caller, params }) => sessions.endSessionsOf(outside, caller, params),
    sendPasswordReset: ({ caller, params }) => sendPasswordReset(outside, caller, params.userId),
    askForFactorReset: ({ caller, params }) => resets.askForFactorReset(outside, caller, params.userId),
    listFactorResets: async () => ({ items: await resets.listFactorResets(outside) }),
    confirmFactorReset: ({ caller, params }) => resets.confirmFactorReset(outside, caller, params.resetId),
    cancelFactorReset: ({ caller, params }) => resets.cancelFactorReset(outside, caller, params.resetId),
    listInvitations: async () => ({ items: await staff.listInvitations(outside) }),
    invite: ({ caller, body }) => staff.invite(outside, caller, body, mailLink),
    revokeInvitation: ({ caller, params }) => staff.revokeInvitation(outside, caller, params.invitationId),
    acceptInvitation: ({ caller, body }) => staff.acceptInvitation(outside, caller, body),
  };
}
