import { currentLanguage, text } from '../words/current.ts';
import { pathOf } from './ask.ts';
import { Problem, toProblem } from './problem.ts';
import { routeTable } from './route-table.ts';
import type { Asked, RouteId } from './types.ts';

interface Heard {
  /** How much of the form has gone out, 0 to 1; null while the server works on it. */
  readonly onShare?: (share: number | null) => void;
  /** Each line of an answer that comes line by line. */
  readonly onLine?: (line: string) => void;
}

/**
 * Sends a form with files and tells how far it is, which `fetch` does not. Resolves to the whole answer.
 * @throws Problem.
 */
export function sendForm<Id extends RouteId>(
  id: Id,
  asked: Omit<Asked<Id>, 'body'>,
  form: FormData,
  { onShare, onLine }: Heard = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let taken = 0;
    const takeLines = () => {
      if (onLine === undefined || request.status >= 300) return;
      const until = request.responseText.lastIndexOf('\n') + 1;
      const lines = request.responseText.slice(taken, until).split('\n');
      taken = until;
      for (const line of lines) if (line !== '') onLine(line);
    };
    request.open(routeTable[id][0], pathOf(id, asked));
    request.setRequestHeader('Accept-Language', currentLanguage());
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onShare?.(loaded < total ? loaded / total : null),
    );
    request.upload.addEventListener('load', () => onShare?.(null));
    request.addEventListener('progress', takeLines);
    for (const event of ['error', 'abort'])
      request.addEventListener(event, () =>
        reject(new Problem({ title: text('noConnection'), code: 'NO_CONNECTION' })),
      );
    request.addEventListener('load', () => {
      const { status, responseText } = request;
      if (status >= 300) return reject(toProblem(status, responseText, text('serverFault', { status }), null));
      takeLines();
      resolve(responseText);
    });
    request.send(form);
  });
}
