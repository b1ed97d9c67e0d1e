/** Kinds of jobs, by their names in the queue. */
export const jobKinds = [
  'seal-upload',
  'remove-staged',
  'check-recording',
  'find-tiles',
  'make-rendition',
  'erase-recording',
  'erase-person',
  're-seal-recording',
  'rewrap-envelopes',
  'scrub-objects',
  'reconcile-objects',
  'sign-digest',
  'run-drill',
  'send-mail',
  'mail-signer',
  'archive-terms',
  'make-receipt',
  'send-password-reset',
] as const;
export type JobKind = (typeof jobKinds)[number];

/**
 * Kinds that may wait until an administrator says otherwise, as when the machine is needed for something else. Not what brings
 * uploads to safety, erases, changes keys, tells auditors and other administrators, or makes evidence.
 */
export const pausableKinds = [
  'check-recording',
  'find-tiles',
  'make-rendition',
  're-seal-recording',
  'scrub-objects',
  'reconcile-objects',
  'run-drill',
  'mail-signer',
] as const satisfies readonly JobKind[];
export type PausableKind = (typeof pausableKinds)[number];

export const isPausable = (kind: JobKind): kind is PausableKind => pausableKinds.some((one) => one === kind);
