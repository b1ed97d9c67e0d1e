import type { Outside } from '../../pipeline/ports.ts';
import { changeStaff } from '../../pipeline/staff/change-staff.ts';
import * as staff from '../../pipeline/staff/staff.ts';
import type { Handlers } from '../mount.ts';

type Own = 'listStaff' | 'changeStaff' | 'listInvitations' | 'invite' | 'revokeInvitation' | 'acceptInvitation';

export function staffRoutes(outside: Outside, mailLink: ((token: string) => string) | null): Pick<Handlers, Own> {
  return {
    listStaff: async () => ({ items: await staff.listStaff(outside) }),
    changeStaff: ({ caller, params, body }) => changeStaff(outside, caller, params.userId, body),
    listInvitations: async () => ({ items: await staff.listInvitations(outside) }),
    invite: ({ caller, body }) => staff.invite(outside, caller, body, mailLink),
    revokeInvitation: ({ caller, params }) => staff.revokeInvitation(outside, caller, params.invitationId),
    acceptInvitation: ({ caller, body }) => staff.acceptInvitation(outside, caller, body),
  };
}
