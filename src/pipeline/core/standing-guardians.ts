/**
 * Guardianships of whoever stands for a pupil now, and so is told and heard: those that may sign, and those that are told only.
 * Policy P6.
 */
export const standing = { authority: { not: 'none' }, until: null } as const;
