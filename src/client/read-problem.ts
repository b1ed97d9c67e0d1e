import { problem } from '../contract/values.ts';
import { ApiProblem, UnexpectedAnswer } from './errors.ts';

/** The error for an unsuccessful answer. */
export function readProblem(status: number, contentType: string | null | undefined, body: string): Error {
  if (contentType?.startsWith('application/problem+json')) {
    const found = problem.safeParse(parseJson(body));
    if (found.success) return new ApiProblem(found.data);
  }
  return new UnexpectedAnswer(`status ${status} with ${contentType ?? 'no content type'}: ${body.slice(0, 200)}`);
}

/** @throws UnexpectedAnswer if the text is not JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new UnexpectedAnswer(`the answer is not JSON: ${body.slice(0, 200)}`, { cause });
  }
}
