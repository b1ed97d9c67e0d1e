import type { authorityRoutes as contract } from '../../contract/authority.ts';
import { closeSchool } from '../../pipeline/authority/close-school.ts';
import { listSchools } from '../../pipeline/authority/list-schools.ts';
import { openSchool } from '../../pipeline/authority/open-school.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import type { Handlers } from '../mount.ts';

export function authorityRoutes(outside: Outside): Pick<Handlers, keyof typeof contract> {
  return {
    listSchools: () => listSchools(outside),
    makeRecoveryKey: () => outside.schoolKeys.makeRecoveryKey(),
    openSchool: ({ caller, body }) => openSchool(outside, caller, body),
    closeSchool: ({ caller, params }) => closeSchool(outside, caller, { id: params.schoolId, isClosed: true }),
    reopenSchool: ({ caller, params }) => closeSchool(outside, caller, { id: params.schoolId, isClosed: false }),
  };
}
