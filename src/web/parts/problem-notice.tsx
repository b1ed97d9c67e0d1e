import { useEffect, useRef } from 'react';
import { Problem } from '../api/problem.ts';
import { text } from '../words/current.ts';
import { Notice } from './notice.tsx';

const asProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem({ title: text('pageFault'), detail: error instanceof Error ? error.message : String(error) });

/**
 * What went wrong, exactly as the server words it, with the number of the request where the fault is ours. Null draws
 * nothing. It is read out when it appears, and scrolled to where it would be out of sight, unless it `stays` where it is.
 */
export function ProblemNotice({ error, stays = false }: { readonly error: unknown; readonly stays?: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error === null || error === undefined) return;
    if (!(error instanceof Problem)) console.error(error);
    if (!stays) host.current?.scrollIntoView({ block: 'nearest' });
  }, [error, stays]);
  if (error === null || error === undefined) return null;
  const problem = asProblem(error);
  return (
    <div role="alert" ref={host} className="whole-row">
      <Notice tone="bad">
        <p>
          <strong>{problem.title}</strong>
        </p>
        {problem.reasons.length > 0 ? (
          <ul>
            {problem.reasons.map((reason) => (
              <li key={reason.code + reason.text}>{reason.text}</li>
            ))}
          </ul>
        ) : (
          problem.detail !== undefined && <p>{problem.detail}</p>
        )}
        {problem.status >= 500 && problem.requestId !== undefined && (
          <p>
            <small>
              {text('requestId')}: {problem.requestId}
            </small>
          </p>
        )}
      </Notice>
    </div>
  );
}
