/** What a runner says that it can do. A check of a recording needs the first two. */
export const runnerCapabilities = ['analyse', 'read_text'] as const;
export type RunnerCapability = (typeof runnerCapabilities)[number];

/** Of a job for runners; when it is done or taken back there is none. `handed_in`: the result waits for the worker. */
export const runnerJobStates = ['waiting', 'leased', 'handed_in'] as const;

/** What a check asks of a runner. */
export const neededForCheck: readonly RunnerCapability[] = ['analyse', 'read_text'];

/**
 * Why a runner is disabled. `by_hand`: an administrator did it. The rest are lies, or faults that look the same from here:
 * whoever answers so is not believed any more.
 */
export const runnerFaults = [
  'by_hand',
  'statement',
  'signature',
  'foreign_job',
  'length',
  'digest',
  'result',
  'spot_check',
] as const;
export type RunnerFault = (typeof runnerFaults)[number];

/** Why a lease ended without a result that was accepted. */
export const leaseEnds = [
  'expired',
  'given_back',
  'asked_again',
  'failed',
  'outdated',
  'disabled',
  'removed',
  'refused',
  'recording',
] as const;
export type LeaseEnd = (typeof leaseEnds)[number];

/** A runner counts as there for so long after it last asked for a job. */
export const runnerSeenMs = 2 * 60_000;
/** Leases that may end without a result before the worker does the job itself. */
export const mostLeases = 3;
/** Maximum size of a result, in bytes: some eight hours of a lesson with two cameras. */
export const mostResultBytes = 512 * 2 ** 20;
