import type { NoteVerifier } from '../../audit/signed-note.ts';
import { readAnswer } from '../../pipeline/ports/read-answer.ts';
import { type Witness, WitnessConflict, WitnessUnavailable } from '../../pipeline/ports/witness.ts';

const timeoutMs = 15_000;
const mostAnswered = 64 * 1024;

/** A witness over HTTP by C2SP `tlog-witness`: `POST <url>/add-checkpoint`. */
export function createWitness(url: string, key: NoteVerifier): Witness {
  const address = `${url.replace(/\/$/, '')}/add-checkpoint`;
  return {
    key,
    async cosign(oldSize, proof, note) {
      const lines = [`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64')), '', note];
      let response: Response;
      let body: string;
      try {
        response = await fetch(address, {
          method: 'POST',
          body: lines.join('\n'),
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        });
        body = await readAnswer(response, mostAnswered);
      } catch (error) {
        throw new WitnessUnavailable('the witness does not answer', { cause: error });
      }
      if (response.ok) return body;
      const isSize = response.headers.get('content-type')?.startsWith('text/x.tlog.size');
      if (response.status === 409 && isSize && /^\d{1,15}\n?$/.test(body)) throw new WitnessConflict(Number(body));
      throw new WitnessUnavailable(`the witness answered ${response.status}`);
    },
  };
}
