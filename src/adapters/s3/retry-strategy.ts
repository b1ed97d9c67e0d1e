import { ConfiguredRetryStrategy } from '@smithy/core/retry';

const pauseMs = (attempt: number) => Math.min(250 * 2 ** (attempt - 1), 4_000);

/**
 * Every request is tried `maxAttempts` times, with pauses of 0.25 to 4 s. The SDK's own strategies have one budget of
 * retries for a whole client: while the store is away, chores of the clock would use up what an upload needs. The token
 * of a request counts its tries, so a fresh strategy for each retry has all of the budget.
 */
export function retryEachRequest(maxAttempts: number) {
  const fresh = () => new ConfiguredRetryStrategy(maxAttempts, pauseMs);
  type Strategy = ConfiguredRetryStrategy;
  return {
    maxAttempts: async () => maxAttempts,
    acquireInitialRetryToken: (...given: Parameters<Strategy['acquireInitialRetryToken']>) =>
      fresh().acquireInitialRetryToken(...given),
    refreshRetryTokenForRetry: (...given: Parameters<Strategy['refreshRetryTokenForRetry']>) =>
      fresh().refreshRetryTokenForRetry(...given),
    recordSuccess: () => {},
  };
}
