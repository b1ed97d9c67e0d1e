/** Longer than any "no" takes on a machine that is not overloaded. */
const noAfterMs = 400;

/**
 * Lets every "no" take the same time, so that it does not tell an account that is there from one that is not, nor how far a
 * guess came. What succeeds is not held up.
 */
export async function evenTime<T>(work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  try {
    return await work();
  } catch (error) {
    const restMs = noAfterMs - (performance.now() - begun);
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    throw error;
  }
}
