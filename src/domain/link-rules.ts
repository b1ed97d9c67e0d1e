import { Refusal } from './errors.ts';

/** How a link stands. `over`: its own time or that of its release has ended. */
export const linkStates = ['open', 'over', 'revoked'] as const;
export type LinkState = (typeof linkStates)[number];

/** How many links are revoked at once, in one transaction. */
export const mostLinksAtOnce = 500;

/** How long personal links live, by the rules of the school, in days. */
export interface LinkRules {
  /** Where nothing is said. */
  readonly linkDays: number;
  readonly longestLinkDays: number;
}

/** @throws Refusal `INVALID_REQUEST` when links would live longer by themselves than they may. */
export function assertLinkRules({ linkDays, longestLinkDays }: LinkRules): void {
  if (linkDays > longestLinkDays)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'LINK_DAYS_ORDER', params: { days: linkDays, most: longestLinkDays } }],
    });
}

const dayMs = 24 * 60 * 60_000;

/**
 * When a new link ends: as asked, or after the standard time, and never after its release. @throws Refusal `INVALID_REQUEST`
 * when it would live longer than links may.
 */
export function linkEnd(rules: LinkRules, at: { now: Date; releaseEnds: Date; asked: Date | undefined }): Date {
  const after = (days: number) => new Date(at.now.getTime() + days * dayMs);
  const wanted = at.asked ?? after(rules.linkDays);
  const end = new Date(Math.min(wanted.getTime(), at.releaseEnds.getTime()));
  if (end > after(rules.longestLinkDays))
    throw new Refusal('INVALID_REQUEST', {
      reasons: [
        {
          code: 'LINK_TOO_LONG',
          params: { most: rules.longestLinkDays },
          subject: { kind: 'field', id: 'expiresAt' },
        },
      ],
    });
  return end;
}
