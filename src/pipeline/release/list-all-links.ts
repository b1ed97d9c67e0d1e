import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id } from '../../domain/ids.ts';
import type { LinkState } from '../../domain/link-rules.ts';
import { isLinkValid } from '../../domain/release.ts';
import type { Outside } from '../ports/outside.ts';

/** Links that stand so at `now`. The same rule for one link is `isLinkValid`. */
export function linksThatAre(state: LinkState, now: Date): Prisma.ViewerLinkWhereInput {
  const open = { expiresAt: { gt: now }, release: { endedAt: null, endsAt: { gt: now } } };
  if (state === 'revoked') return { revokedAt: { not: null } };
  return state === 'open' ? { revokedAt: null, ...open } : { revokedAt: null, NOT: open };
}

/** Links to recordings of a teacher's lessons; undefined: of the school. */
export const linksOf = (teacherId: Id | undefined): Prisma.ViewerLinkWhereInput =>
  teacherId === undefined ? {} : { release: { recording: { lesson: { teacherId } } } };

/** Personal links of the school, or of a teacher's lessons, the newest first. */
export async function listAllLinks(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  asked: {
    readonly teacherId?: Id | undefined;
    readonly state?: LinkState | undefined;
    readonly after?: Id | undefined;
    readonly limit: number;
  },
) {
  const now = clock();
  const rows = await database.read.viewerLink.findMany({
    where: {
      AND: [
        linksOf(asked.teacherId),
        asked.state === undefined ? {} : linksThatAre(asked.state, now),
        asked.after === undefined ? {} : { id: { lt: asked.after } },
      ],
    },
    orderBy: { id: 'desc' },
    take: asked.limit + 1,
    omit: { tokenDigest: true, createdById: true },
    include: {
      release: {
        select: {
          audience: true,
          endsAt: true,
          endedAt: true,
          recordingId: true,
          recording: { select: { lesson: { select: { id: true, title: true } } } },
        },
      },
    },
  });
  const page = rows.slice(0, asked.limit);
  return {
    items: page.map(({ release, ...link }) => ({
      ...link,
      state: stateOf(link, release, now),
      endsAt: new Date(Math.min(...[link.expiresAt, release.endsAt, release.endedAt ?? link.expiresAt].map(Number))),
      audience: release.audience,
      recordingId: release.recordingId,
      lesson: release.recording.lesson,
    })),
    next: rows.length > asked.limit ? (page.at(-1)?.id ?? null) : null,
  };
}

function stateOf(
  link: { readonly expiresAt: Date; readonly revokedAt: Date | null },
  release: { readonly endsAt: Date; readonly endedAt: Date | null },
  now: Date,
): LinkState {
  if (link.revokedAt !== null) return 'revoked';
  return isLinkValid(link, release, now) ? 'open' : 'over';
}
