import type { Judged, ToJudge } from '../../verify/judged.ts';

interface Verifier {
  judge(asked: ToJudge): Promise<Judged>;
}

/** By pattern, so that the types of Node, for which the verifier was written, stay out of the pages. */
const load = import.meta.glob<Verifier>('../../verify/judge.ts');

/**
 * What the verifier says of a file: it is loaded when it is needed, reads the file piece by piece, so that the page stays
 * usable, and nothing of the file leaves the browser.
 */
export async function verifyHere(asked: ToJudge): Promise<Judged> {
  const [loadVerifier] = Object.values(load);
  if (loadVerifier === undefined) throw new Error('the verifier is not part of this build');
  return (await loadVerifier()).judge(asked);
}
