import type { Answer } from '../../support/api.ts';

/** One thing that a person does over and over, and how each time ended. */
export interface Activity {
  readonly name: string;
  /** When it was done, by `performance.now()`. */
  readonly done: readonly number[];
  /** It was refused with a sentence, or the connection broke: the person knows that it was not done, or is told to look. */
  readonly refused: readonly { readonly at: number; readonly why: string }[];
  /** Everything that must not happen: an internal error, an answer without a sentence, wrong bytes. */
  readonly dishonest: readonly string[];
  /** Lets what is under way end. */
  stop(): Promise<void>;
}

/** An answer that says honestly that something is away. */
export class Refused extends Error {}

/** @throws Refused; Error for an answer that nobody can make use of. */
export function expectDone(answer: Answer): Answer['body'] {
  if (answer.status < 300) return answer.body;
  const said = JSON.stringify(answer.body).slice(0, 300);
  const isHonest =
    [502, 503].includes(answer.status) &&
    typeof answer.body.title === 'string' &&
    answer.headers.get('retry-after') !== null;
  throw isHonest ? new Refused(`${answer.status} ${answer.body.code}`) : new Error(`${answer.status} ${said}`);
}

/** Goes on until it is stopped; `pauseMs` between one time and the next. */
export function repeat(name: string, pauseMs: number, once: (n: number) => Promise<unknown>): Activity {
  const done: number[] = [];
  const refused: { at: number; why: string }[] = [];
  const dishonest: string[] = [];
  let isStopped = false;
  const ended = (async () => {
    for (let n = 0; !isStopped; n++) {
      try {
        await once(n);
        done.push(performance.now());
      } catch (error) {
        if (error instanceof Refused) refused.push({ at: performance.now(), why: error.message });
        else if (isBroken(error)) refused.push({ at: performance.now(), why: 'the connection broke' });
        else dishonest.push(`${name}: ${(error as Error).message}`);
      }
      if (!isStopped) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  return {
    name,
    done,
    refused,
    dishonest,
    async stop() {
      isStopped = true;
      await ended;
    },
  };
}

/** `fetch` says so when nobody answers, or no longer. A browser shows it as such. */
const isBroken = (error: unknown) => error instanceof TypeError && /fetch failed|terminated/.test(error.message);

/** The longest time, in seconds, in which it was not done, within a span of `performance.now()`. */
export function longestPause(activity: Activity, from: number, until: number): number {
  const within = activity.done.filter((at) => at > from && at < until);
  const before = activity.done.findLast((at) => at <= from) ?? from;
  const moments = [Math.max(before, from), ...within, until];
  return Math.max(...moments.slice(1).map((at, n) => at - moments[n]!)) / 1_000;
}
