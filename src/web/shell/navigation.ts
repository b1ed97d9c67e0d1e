import type { StaffRole } from '../../domain/ids.ts';
import type { PlainKey } from '../words/current.ts';

/** Groups of the menu, in their order; null: above all groups. */
const groups = [null, 'navTeach', 'navCheck', 'navSchool', 'navLog'] as const satisfies (PlainKey | null)[];
type Group = (typeof groups)[number];

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** Who may open the page; left out: every member of staff. */
    readonly roles?: readonly StaffRole[];
    /** Where it stands in the menu, and under which name; left out: it is reached from other pages. */
    readonly menu?: { readonly group: Group; readonly title: PlainKey };
  }
}

interface MenuRoute {
  readonly fullPath: string;
  readonly options: {
    readonly staticData?: { roles?: readonly StaffRole[]; menu?: { group: Group; title: PlainKey } };
  };
}

interface MenuGroup {
  readonly group: Group;
  readonly links: readonly { readonly to: string; readonly title: PlainKey }[];
}

/** The menu of somebody with these roles: pages that are not open to them are not in it. */
export function navigationFor(routes: readonly MenuRoute[], roles: readonly StaffRole[]): MenuGroup[] {
  const links = routes.flatMap(({ fullPath, options: { staticData } }) => {
    const isOpen = staticData?.roles === undefined || staticData.roles.some((role) => roles.includes(role));
    return staticData?.menu && isOpen ? [{ to: fullPath, ...staticData.menu }] : [];
  });
  return groups
    .map((group) => ({ group, links: links.filter((link) => link.group === group) }))
    .filter(({ links }) => links.length > 0);
}
