import { Refusal } from '../../src/domain/errors.ts';

/** The codes of the reasons that something is refused for; none: it is not refused. */
export function codesOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.reasons.map(({ code }) => code);
    throw error;
  }
  return [];
}
