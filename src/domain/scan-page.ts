/**
 * What the codes on a page of a scan said. `sheet`: one page of one sheet that was printed here. `none`: no code of ours.
 * `several`: of more than one. `unknown`: a code of ours that no sheet of this school has. Only the first is assigned by
 * itself.
 */
export const scanFindings = ['sheet', 'none', 'several', 'unknown'] as const;
export type ScanFinding = (typeof scanFindings)[number];

/** A page is seen, read by one person, and confirmed or rejected by another. Confirmed and rejected are the end. */
export const scanPageStates = ['seen', 'read', 'confirmed', 'rejected'] as const;
export type ScanPageState = (typeof scanPageStates)[number];
