import { Link, useParams } from '@tanstack/react-router';
import { uncoveredCodes } from '../../../domain/attendance/told.ts';
import { clock } from '../../../domain/decision.ts';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Facts, Page } from '../../parts/page.tsx';
import { useSure } from '../../parts/sure.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { byteSize, dateTime } from '../../words/format.ts';
import { CaptionsCard } from '../captions/captions-card.tsx';
import { DecisionsCard } from '../review/decisions-card.tsx';
import { ApprovalCard } from './approval-card.tsx';
import { CheckProgress } from './check-progress.tsx';
import { CoverageCard } from './coverage-card.tsx';
import { DeclareCard } from './declare-card.tsx';
import { KeepCards } from './keep-cards.tsx';
import { playable, type Recording } from './recording.ts';
import { lengthText, StateBadge } from './recording-list.tsx';
import { RejectCard } from './reject-card.tsx';
import { ReleaseCards } from './release-cards.tsx';
import { RemovalForm } from './removal-form.tsx';
import { RemovalsCard } from './removals-card.tsx';
import { RenditionCard } from './rendition-card.tsx';

const isBusy = ({ state, check, rendition, reSeal, erasure }: Recording): boolean =>
  state === 'sealed' ||
  ['waiting', 'running'].includes(check.state) ||
  rendition?.state === 'making' ||
  ['waiting', 'running'].includes(reSeal?.state ?? '') ||
  erasure?.state === 'removing';

/** One recording: where it stands, who has to act, and whatever the person's roles let them do with it. */
export function RecordingPage() {
  const { recordingId } = useParams({ from: '/recordings/$recordingId' });
  const person = usePerson();
  const first = useAsk('getRecording', { params: { recordingId } });
  const busy = first.data !== undefined && isBusy(first.data);
  const recording = useAsk('getRecording', { params: { recordingId } }, { everyMs: busy ? 1_500 : 6_000 });
  const isReviewer = person.has('reviewer');
  return (
    <Page
      title={recording.data?.lessonTitle ?? text('recordings')}
      back={<Link to="/recordings">← {text('recordings')}</Link>}
      actions={
        isReviewer &&
        recording.data &&
        playable.includes(recording.data.state) && (
          <Link
            to="/recordings/$recordingId/review"
            params={{ recordingId }}
            className={buttonClass({ tone: recording.data.state === 'in_review' ? 'primary' : 'plain' })}
          >
            {text('openReview')}
          </Link>
        )
      }
    >
      <Loaded query={recording}>
        {(shown) => (
          <>
            <StatusCard recording={shown} />
            <CoverageCard recording={shown} />
            <RenditionCard recording={shown} />
            <ApprovalCard recording={shown} />
            <ReleaseCards recording={shown} />
            <RemovalsCard recording={shown} />
            <DecisionsCard recording={shown} />
            {shown.state !== 'erased' && (
              <CaptionsCard
                recordingId={shown.id}
                mayChange={person.has('teacher', 'reviewer') && playable.includes(shown.state)}
              />
            )}
            {person.has('teacher', 'reviewer') && <DeclareCard recording={shown} />}
            {person.has('reviewer', 'administrator') && <RejectCard recording={shown} />}
            <KeepCards recording={shown} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function StatusCard({ recording }: { readonly recording: Recording }) {
  const person = usePerson();
  const refresh = useRefresh();
  const { id, state, stateCodes, stateNote, check, durationMs, warnings } = recording;
  const mayCheck =
    person.has('reviewer', 'administrator') && ['done', 'failed'].includes(check.state) && playable.includes(state);
  return (
    <Card>
      <p className="row" role="status">
        <StateBadge state={state} /> <span>{text(`say_${state}`)}</span>
      </p>
      {(stateCodes.length > 0 || stateNote !== null) && state !== 'quarantined' && (
        <p>
          <strong>{text('why')}:</strong> {stateCodes.map((code) => label('stateCode', code)).join(', ')}
          {stateNote !== null && ` “${stateNote}”`}
        </p>
      )}
      {state === 'quarantined' && <Quarantine recording={recording} />}
      <Facts
        facts={[
          [
            text('lesson'),
            <Link key="lesson" to="/lessons/$lessonId" params={{ lessonId: recording.lessonId }}>
              {recording.lessonTitle}
            </Link>,
          ],
          [
            text('uploaded'),
            [
              recording.fileName ?? text('unnamed'),
              byteSize(recording.bytes),
              lengthText(durationMs),
              dateTime(recording.createdAt),
            ].join(' · '),
          ],
          [
            text('checkTitle'),
            <div key="check" className="row">
              {check.state === 'done' ? text('check_done') : <CheckProgress recording={recording} />}
              {mayCheck && (
                <ActionButton
                  small
                  onAct={async () => {
                    await ask('checkAgain', { params: { recordingId: id } });
                    await refresh();
                  }}
                >
                  {text('checkAgain')}
                </ActionButton>
              )}
            </div>,
          ],
          [text('renditionTitle'), <RenditionProgress key="rendition" recording={recording} />],
          [
            text('warnings'),
            warnings.length === 0 ? null : (
              <ul key="warnings">
                {warnings.map((warning) => (
                  <li key={warning.text}>{warning.text}</li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
    </Card>
  );
}

function RenditionProgress({ recording: { rendition, durationMs } }: { readonly recording: Recording }) {
  if (rendition === null) return <>{text('renditionNone')}</>;
  if (rendition.state === 'ready') return <>{text('rendition_ready')}</>;
  if (rendition.state === 'failed')
    return (
      <Notice tone="bad">
        {text('rendition_failed')}: {rendition.error}
      </Notice>
    );
  const isKnown = rendition.doneMs !== null && durationMs !== null && durationMs > 0;
  return (
    <>
      {text('rendition_making', { done: clock(rendition.doneMs ?? 0), total: lengthText(durationMs) })}
      <progress
        aria-label={text('renditionTitle')}
        max={1}
        value={isKnown ? (rendition.doneMs ?? 0) / durationMs : undefined}
      />
    </>
  );
}

/** Why a recording is quarantined, as the gate words it now, and the way out of it. */
function Quarantine({ recording: { id, lessonId } }: { readonly recording: Recording }) {
  const person = usePerson();
  const refresh = useRefresh();
  const sure = useSure();
  const gate = useAsk('getGate', { params: { lessonId }, query: { to: 'keep' } }, { everyMs: 8_000 });
  return (
    <Loaded query={gate}>
      {({ holds, reasons }) =>
        holds ? (
          <Notice>
            <p>{text('quarantineHolds')}</p>
            {person.has('administrator') && (
              <ActionButton
                onAct={async () => {
                  const question = { title: text('liftAsk'), text: text('liftText'), yes: text('liftQuarantine') };
                  if (!(await sure({ ...question, isDangerous: false }))) return;
                  await ask('liftQuarantine', { params: { recordingId: id } });
                  await refresh();
                }}
              >
                {text('liftQuarantine')}
              </ActionButton>
            )}
          </Notice>
        ) : (
          <Notice tone="bad">
            <ul>
              {reasons.map((reason) => (
                <li key={reason.text}>{reason.text}</li>
              ))}
            </ul>
            {person.has('administrator') && reasons.some(({ code }) => uncoveredCodes.some((one) => one === code)) && (
              <RemovalForm recordingId={id} lessonId={lessonId} />
            )}
          </Notice>
        )
      }
    </Loaded>
  );
}
