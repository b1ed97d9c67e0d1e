import { type Id, isId, type StaffRole, schoolRoles } from './ids.ts';

/** One entry of OIDC_ROLES: who is in the group has these roles, in this school; null: the first one. */
interface GrantedRoles {
  readonly group: string;
  readonly roles: readonly StaffRole[];
  readonly schoolId: Id | null;
}
export type RoleMapping = readonly GrantedRoles[];

const mostEntries = 500;
const mostGroupLetters = 300;

/**
 * Reads `GROUP=ROLE[+ROLE…][@SCHOOL]`, entries apart by semicolons or lines. The last `=` of an entry counts, so that a
 * group may be a name of a directory (`cn=teachers,ou=groups`). Faults say which entry is wrong, and why.
 */
export function parseRoleMapping(text: string): { readonly mapping: RoleMapping; readonly faults: readonly string[] } {
  const entries = text
    .split(/[;\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length > mostEntries) return { mapping: [], faults: [`more than ${mostEntries} entries`] };
  const mapping: GrantedRoles[] = [];
  const faults: string[] = [];
  for (const [at, entry] of entries.entries()) {
    const read = readEntry(entry);
    if (typeof read === 'string') faults.push(`entry ${at + 1} (${entry.slice(0, 80)}): ${read}`);
    else mapping.push(read);
  }
  return { mapping, faults };
}

function readEntry(entry: string): GrantedRoles | string {
  const equals = entry.lastIndexOf('=');
  if (equals < 0) return 'must be GROUP=ROLE';
  const group = entry.slice(0, equals).trim();
  if (group === '') return 'names no group';
  if (group.length > mostGroupLetters) return `its group has more than ${mostGroupLetters} letters`;
  const [given = '', school, ...rest] = entry.slice(equals + 1).split('@');
  if (rest.length > 0) return 'names two schools';
  if (school !== undefined && !isId(school.trim())) return 'what stands after @ is not the id of a school';
  const named = given.split('+').map((role) => role.trim());
  if (named.includes('authority')) return 'the role “authority” is given by npm run setup alone (--authority ADDRESS)';
  const unknown = named.find((role) => !schoolRoles.some((one) => one === role));
  if (unknown !== undefined) return `there is no role “${unknown}”; there are ${schoolRoles.join(', ')}`;
  return { group, roles: schoolRoles.filter((role) => named.includes(role)), schoolId: school?.trim() ?? null };
}

/** The roles that groups give, by the id of the school: in every school of the mapping, none in some. */
export function rolesBySchool(
  mapping: RoleMapping,
  groups: readonly string[],
  firstSchoolId: Id,
): ReadonlyMap<Id, readonly StaffRole[]> {
  const entries = mapping.map((entry) => ({ ...entry, schoolId: entry.schoolId ?? firstSchoolId }));
  return new Map(
    entries.map(({ schoolId }) => {
      const given = entries.filter((entry) => entry.schoolId === schoolId && groups.includes(entry.group));
      return [schoolId, schoolRoles.filter((role) => given.some(({ roles }) => roles.includes(role)))];
    }),
  );
}
