import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { readAnswer } from '../../pipeline/ports/read-answer.ts';
import { type LookedUp, LookUpUnavailable, type WorkLookUp } from '../../pipeline/ports/work-look-up.ts';

const timeoutMs = 15_000;
const mostAnswered = 512 * 1024;
const mostFound = 5;
/** AcoustID asks for three questions a second at most. */
const betweenMs = 350;

const answer = z.object({
  status: z.literal('ok'),
  results: z
    .array(
      z.object({
        score: z.number().min(0).max(1),
        recordings: z
          .array(
            z.object({
              id: z.uuid(),
              title: z.string().max(1_000).optional(),
              artists: z.array(z.object({ name: z.string().max(1_000) })).optional(),
            }),
          )
          .optional(),
      }),
    )
    .max(1_000),
});

/** AcoustID's web service, version 2 (https://acoustid.org/webservice): `POST <url>/v2/lookup`. */
export function createAcoustId({ url, client }: { url: string; client: string }): WorkLookUp {
  const address = `${url.replace(/\/$/, '')}/v2/lookup`;
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (form: URLSearchParams, signal: AbortSignal): Promise<LookedUp[]> => {
    let text: string;
    try {
      const response = await fetch(address, {
        method: 'POST',
        body: form,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      text = await readAnswer(response, mostAnswered);
      if (!response.ok) throw new Error(`it answered ${response.status}`);
    } catch (cause) {
      signal.throwIfAborted();
      throw new LookUpUnavailable('the list of music does not answer', { cause });
    }
    const parsed = answer.safeParse(orNothing(text));
    if (!parsed.success) throw new LookUpUnavailable('the list of music answers something else');
    return parsed.data.results
      .toSorted((a, b) => b.score - a.score)
      .flatMap(({ score, recordings = [] }) =>
        recordings.flatMap(({ id, title, artists = [] }) =>
          title === undefined ? [] : [{ score, title, artists: artists.map(({ name }) => name), recordingId: id }],
        ),
      )
      .slice(0, mostFound);
  };
  return {
    host: new URL(url).host,
    find({ fingerprint, durationMs }, signal) {
      const form = new URLSearchParams({
        client,
        format: 'json',
        meta: 'recordings',
        duration: String(Math.max(1, Math.round(durationMs / 1_000))),
        fingerprint,
      });
      const mine = last.then(() => {
        signal.throwIfAborted();
        return ask(form, signal);
      });
      last = mine.catch(() => {}).then(() => wait(betweenMs));
      return mine;
    },
  };
}

function orNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
