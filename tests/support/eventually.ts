/**
 * Asks again and again until the answer is yes, and returns it. The limit allows for a machine that is busy with other
 * work.
 */
export async function eventually<Answer>(
  ask: () => Promise<Answer> | Answer,
  what: string,
  { withinMs = 60_000, everyMs = 50 } = {},
): Promise<Exclude<Answer, false | null | undefined>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<Answer, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
