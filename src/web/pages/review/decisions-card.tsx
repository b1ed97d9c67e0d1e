import { clock } from '../../../domain/decision.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/page.tsx';
import { label, text } from '../../words/current.ts';
import { number } from '../../words/format.ts';
import type { Recording } from '../recordings/recording.ts';
import { certaintyOf, evidenceInWords, sourceOf } from './evidence.ts';
import type { Segment } from './lanes.ts';

export const rangeOf = ({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): string =>
  `${clock(startMs)}–${clock(endMs)}`;

/** Every segment side by side with its decision, for those who look at the whole. */
export function DecisionsCard({ recording: { segments, check } }: { readonly recording: Recording }) {
  return (
    <Card title={text('segments')}>
      {segments.length === 0 ? (
        <p className="quiet">{check.state === 'done' ? text('noSegments') : text('noSegmentsYet')}</p>
      ) : (
        <ol className="plain">
          {segments.map((segment) => (
            <li key={segment.id}>
              <SegmentHead segment={segment} />
              <SegmentFacts segment={segment} />
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

export function SegmentHead({ segment }: { readonly segment: Segment }) {
  const { decision, title } = segment;
  return (
    <div className="row spread">
      <strong>
        <span className="numbers">{rangeOf(segment)}</span> {title ?? sourceOf(segment)}
      </strong>
      <Badge tone={decision === null ? 'waits' : 'good'}>
        {decision === null ? text('undecided') : text('decided', { kind: label('decision', decision.kind) })}
      </Badge>
    </div>
  );
}

/** On what evidence, what was declared, and what was decided on which ground. */
export function SegmentFacts({ segment }: { readonly segment: Segment }) {
  const { findings, declaredBy, claimedGround, decision, title } = segment;
  return (
    <>
      <ul>
        {findings.map((finding) => (
          <li key={`${finding.source} ${finding.startMs} ${finding.title}`}>
            {findings.length > 1 && <span className="numbers">{rangeOf(finding)} </span>}
            <span className="quiet">
              {[sourceOf(finding), certaintyOf(finding), finding.title === title ? null : finding.title]
                .filter((part) => part !== null)
                .join(' · ')}
            </span>{' '}
            {evidenceInWords(finding).join(' ')}{' '}
            {finding.rightsHolder !== null &&
              (finding.source === 'notice'
                ? text('nameRead', { who: finding.rightsHolder })
                : text('holder', { who: finding.rightsHolder }))}
          </li>
        ))}
      </ul>
      {declaredBy.map((declared) => (
        <p key={declared.segmentId}>
          {text('declaredAs', { title: declared.title ?? '' })}{' '}
          {declared.claimedGround !== null && text('claimed', { ground: label('ground', declared.claimedGround) })}
        </p>
      ))}
      {claimedGround !== null && <p>{text('claimed', { ground: label('ground', claimedGround) })}</p>}
      {decision !== null && (
        <p>
          {[
            decision.ground === null ? null : `${text('ground')}: ${label('ground', decision.ground)}`,
            decision.startMs === null && decision.endMs === null
              ? null
              : text('decidedRange', {
                  range: rangeOf({
                    startMs: decision.startMs ?? segment.startMs,
                    endMs: decision.endMs ?? segment.endMs,
                  }),
                }),
            decision.region === null
              ? null
              : text('decidedRegion', { n: number(100 * decision.region.width * decision.region.height, 1) }),
            decision.note === null ? null : text('ev_note', { note: decision.note }),
          ]
            .filter((part) => part !== null)
            .join(' · ')}
        </p>
      )}
    </>
  );
}
