/**
 * After a restore the store may hold recordings that came after the backup: no row knows them. For so many days nothing of
 * them is swept away, so that somebody can bring them back.
 */
export const keptUnknownDays = 30;
