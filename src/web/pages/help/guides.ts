import { staffRoles } from '../../../domain/ids.ts';

/** Whom there is a guide for. */
export const guideNames = [...staffRoles, 'guardian'] as const;
export type GuideName = (typeof guideNames)[number];
