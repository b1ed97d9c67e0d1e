import { ApiProblem } from '../client/errors.ts';
import type { Narrator } from './narrator.ts';

/** Tells a refusal with its reasons. @throws Error if there was none, and whatever else went wrong. */
export async function expectRefusal(attempt: () => Promise<unknown>, code: string, say: Narrator): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== code) throw error;
    say.refusal(error.title);
    for (const reason of error.reasons) say.line(`– ${reason.text}`);
    return;
  }
  throw new Error(`should have been refused: ${code}`);
}
