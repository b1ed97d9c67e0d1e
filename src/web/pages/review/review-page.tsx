import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { clock, editsOf, type Region } from '../../../domain/decision.ts';
import { ask, pathOf } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import { useAsk } from '../../api/use-ask.ts';
import { ActionButton, Button } from '../../parts/button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem-notice.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { Player, type PlayerHandle } from '../../player/player.tsx';
import { usePerson } from '../../shell/session.tsx';
import { exactClock } from '../../words/clock.ts';
import { text } from '../../words/current.ts';
import { CaptionsCard } from '../captions/captions-card.tsx';
import { playable, type Recording } from '../recordings/recording.ts';
import { CompareWork } from './compare-work.tsx';
import { CoversLayer } from './covers-layer.tsx';
import { type Decide, DecisionForm, edgesOf } from './decision-form.tsx';
import { SegmentFacts, SegmentHead } from './decisions-card.tsx';
import { proposalOf } from './evidence.ts';
import { Evidence } from './evidence-pictures.tsx';
import { actionOf, type KeyAction, keysHere } from './keys.ts';
import { KeysDialog } from './keys-dialog.tsx';
import type { Segment } from './lanes.ts';
import { LookUp } from './look-up.tsx';
import { Overview } from './overview.tsx';
import { RegionLayer } from './region-layer.tsx';
import styles from './review-page.module.css';
import { Timeline } from './timeline.tsx';
import { useCoverage } from './use-coverage.ts';
import { useDecisions } from './use-decisions.ts';

/** The review room: the original, everything that was found on a timeline, and a decision for each. */
export function ReviewPage() {
  const { recordingId } = useParams({ from: '/recordings/$recordingId/review' });
  const recording = useAsk('getRecording', { params: { recordingId } }, { everyMs: 8_000 });
  return (
    <Page
      wide
      title={text('reviewTitle2', { name: recording.data?.lessonTitle ?? '' })}
      back={
        <Link to="/recordings/$recordingId" params={{ recordingId }}>
          ← {recording.data?.lessonTitle ?? text('recordings')}
        </Link>
      }
    >
      <Loaded query={recording}>
        {(shown) => (playable.includes(shown.state) ? <Room recording={shown} /> : <p>{text('notInReview')}</p>)}
      </Loaded>
    </Page>
  );
}

/** Milliseconds of one picture, at the usual 25 of a second. */
const pictureMs = 40;
const jumpMs = 5_000;

function Room({ recording }: { readonly recording: Recording }) {
  const person = usePerson();
  const say = useSay();
  const sure = useSure();
  const client = useQueryClient();
  const player = useRef<PlayerHandle>(null);
  const [video, setVideo] = useState<HTMLVideoElement | null>(null);
  const [atMs, setAtMs] = useState(0);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const shownId = useRef(chosenId);
  shownId.current = chosenId;
  const [edges, setEdges] = useState({ from: '', until: '' });
  const [region, setRegion] = useState<Region | null>(null);
  const [isDrawing, setDrawing] = useState(false);
  const [playsUntil, setPlaysUntil] = useState<{ startMs: number; endMs: number; loops: boolean } | null>(null);
  const [playsStays, setPlaysStays] = useState(false);
  const [keys, setKeys] = useState(keysHere);
  const [isHelp, setHelp] = useState(false);
  const [showsOverview, setShowsOverview] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const { id, segments, state, check, durationMs, uploaderId, lessonId } = recording;
  const params = { recordingId: id };
  const lesson = useAsk('getLesson', { params: { lessonId } });
  const isOwn = uploaderId === person.id;
  const canDecide = state === 'in_review' && !isOwn;
  const chosen = segments.find((segment) => segment.id === chosenId) ?? null;
  const lengthMs = durationMs ?? Math.max(1, ...segments.map(({ endMs }) => endMs));
  const edits = useMemo(() => editsOf(segments), [segments]);
  const show = useCallback(
    (next: Recording) => client.setQueryData(['getRecording', { params: { recordingId: id } }], next),
    [client, id],
  );
  const decisions = useDecisions(id, show);

  const choose = (segment: Segment, plays = true) => {
    setChosenId(segment.id);
    setEdges(edgesOf(segment));
    setRegion(segment.decision?.region ?? proposalOf(segment)?.region ?? null);
    if (plays) play(segment, false);
  };
  const play = ({ startMs, endMs }: { startMs: number; endMs: number }, loops: boolean) => {
    setPlaysUntil({ startMs, endMs, loops });
    player.current?.seek(startMs);
    player.current?.play();
  };
  const beside = (by: 1 | -1, isWanted: (segment: Segment) => boolean) => {
    const at = segments.findIndex((segment) => segment.id === chosenId);
    const order =
      by === 1
        ? [...segments.slice(at + 1), ...segments.slice(0, Math.max(at, 0))]
        : segments.slice(0, Math.max(at, 0)).toReversed();
    const next = order.find(isWanted);
    if (next) choose(next);
  };
  const decide = async (segment: Segment, body: Decide) => {
    const question = { title: text('refuseAsk'), text: text('refuseText'), yes: text('refuseYes') };
    if (body.kind === 'refuse' && !(await sure(question))) return;
    const next = await decisions.decide(segment, body);
    say({ text: text('saved'), undo: decisions.undo });
    const open = next.segments.filter((one) => one.decision === null && one.id !== segment.id);
    const following = open.find(({ startMs }) => startMs >= segment.startMs) ?? open[0];
    // Whoever went elsewhere meanwhile stays there.
    if (following && shownId.current === segment.id) choose(following);
  };
  const decideByKey = (body: Decide) => {
    if (chosen === null || !canDecide) return;
    setProblem(null);
    decide(chosen, body).catch(setProblem);
  };

  const editsAt = (ms: number) => edits.filter(({ startMs, endMs }) => ms >= startMs && ms < endMs);
  /** Leaves out what is cut, is silent where it is muted, and stops or loops at the end of what was asked for. */
  const notePlayed = useCoverage(id, lengthMs, !isOwn && durationMs !== null);
  const follow = (ms: number) => {
    setAtMs(ms);
    if (player.current?.video.paused === false) notePlayed(ms);
    if (playsUntil !== null && ms >= playsUntil.endMs && !player.current?.video.paused) {
      if (playsUntil.loops) player.current?.seek(playsUntil.startMs);
      else {
        player.current?.pause();
        setPlaysUntil(null);
      }
    }
    if (!playsStays || player.current === null) return;
    const here = editsAt(ms);
    const cut = here.find(({ kind }) => kind === 'cut');
    if (cut !== undefined) player.current.seek(cut.endMs);
    player.current.video.muted = here.some(({ kind }) => kind === 'mute' || kind === 'tone');
  };

  const acts: Record<KeyAction, () => void> = {
    playPause: () => {
      setPlaysUntil(null);
      player.current?.toggle();
    },
    back: () => player.current?.step(-jumpMs),
    forward: () => player.current?.step(jumpMs),
    slower: () => player.current?.faster(-1),
    faster: () => player.current?.faster(1),
    frameBack: () => player.current?.step(-pictureMs),
    frameForward: () => player.current?.step(pictureMs),
    setStart: () => setEdges((now) => ({ ...now, from: exactClock(Math.round(atMs)) })),
    setEnd: () => setEdges((now) => ({ ...now, until: exactClock(Math.round(atMs)) })),
    nextOpen: () => beside(1, ({ decision }) => decision === null),
    next: () => beside(1, () => true),
    previous: () => beside(-1, () => true),
    permit: () => decideByKey({ kind: 'permitted', ground: chosen?.claimedGround ?? 'checked' }),
    mute: () => decideByKey({ kind: 'mute' }),
    blackOut: () => decideByKey({ kind: 'black_out', ...(region === null ? {} : { region }) }),
    cut: () => decideByKey({ kind: 'cut' }),
    undo: () => void decisions.undo().then((done) => done && say(text('undone')), setProblem),
    redo: () => void decisions.redo().then((done) => done && say(text('redone')), setProblem),
    stays: () => setPlaysStays((now) => !now),
    help: () => setHelp(true),
  };
  const heard = useRef(acts);
  heard.current = acts;
  useEffect(() => {
    if (isHelp) return;
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable) return;
      if (['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName) && (target as HTMLInputElement).type !== 'range')
        return;
      if (document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return;
      const action = actionOf(event.key, keys);
      if (action === undefined) return;
      event.preventDefault();
      heard.current[action]();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, [keys, isHelp]);

  // The first that waits is the first that is shown.
  useEffect(() => {
    const first = segments.find(({ decision }) => decision === null) ?? segments[0];
    if (first) choose(first, false);
  }, []);

  const open = segments.filter(({ decision }) => decision === null).length;
  const announcedMs = lesson.data?.announcedSecond == null ? null : lesson.data.announcedSecond * 1000;
  return (
    <div className={styles.room}>
      <div className={styles.watch}>
        <Card>
          <Player
            ref={(handle) => {
              player.current = handle;
              setVideo(handle?.video ?? null);
            }}
            name={text('original')}
            address={pathOf('getOriginal', { params })}
            isFile
            hasOwnKeys
            onTime={follow}
            onFault={() =>
              void ask('getRecording', { params }).then(
                () => setProblem(new Problem({ title: text('mediaFailed') })),
                setProblem,
              )
            }
          >
            {playsStays && <CoversLayer video={video} edits={editsAt(atMs)} />}
            <RegionLayer
              video={video}
              region={playsStays ? null : region}
              onDrawn={
                isDrawing
                  ? (drawn) => {
                      setDrawing(false);
                      if (drawn !== null) setRegion(drawn);
                    }
                  : null
              }
            />
          </Player>
          <div className="row">
            {announcedMs !== null && (
              <Button small onPress={() => play({ startMs: announcedMs, endMs: announcedMs + 15_000 }, false)}>
                {text('playAnnouncement', { at: clock(announcedMs) })}
              </Button>
            )}
            <Button small aria-pressed={playsStays} onPress={acts.stays}>
              {text('playStays')}
            </Button>
            {playsStays && <span className="quiet">{text('playStaysOn')}</span>}
            <Button small onPress={acts.help}>
              {text('keysTitle')}
            </Button>
          </div>
          <ProblemNotice error={problem} />
          <Timeline
            lengthMs={lengthMs}
            atMs={atMs}
            segments={segments}
            chosenId={chosenId}
            onChoose={choose}
            onSeek={(ms) => player.current?.seek(ms)}
          >
            {showsOverview && <Overview recordingId={id} lengthMs={lengthMs} />}
          </Timeline>
          {!showsOverview && (
            <div className="row">
              <Button small onPress={() => setShowsOverview(true)}>
                {text('overviewShow')}
              </Button>
              <span className="quiet">{text('overviewHint')}</span>
            </div>
          )}
        </Card>
      </div>
      <div>
        {isOwn && <Notice tone="waits">{text('ownUpload')}</Notice>}
        {state !== 'in_review' && <Notice>{text('notInReview')}</Notice>}
        {segments.length === 0 ? (
          <Card title={text('segments')}>
            <p>{check.state === 'done' ? text('noSegments') : text('noSegmentsYet')}</p>
          </Card>
        ) : (
          <Card
            title={text('segments')}
            actions={
              <div className="row">
                <Button small onPress={acts.previous}>
                  {text('previousSegment')}
                </Button>
                <Button small onPress={acts.next}>
                  {text('nextSegment')}
                </Button>
                <Button small tone="primary" isDisabled={open === 0} onPress={acts.nextOpen}>
                  {text('nextOpen')}
                </Button>
              </div>
            }
          >
            {chosen !== null && (
              <article aria-live="polite">
                <SegmentHead segment={chosen} />
                <SegmentFacts segment={chosen} />
                <div className="row">
                  <Button small onPress={() => play(chosen, false)}>
                    {text('playSegment')}
                  </Button>
                  <Button small onPress={() => play(chosen, true)}>
                    {text('loopSegment')}
                  </Button>
                  {canDecide && (
                    <>
                      <Button small onPress={acts.setStart}>
                        {text('setStart')}
                      </Button>
                      <Button small onPress={acts.setEnd}>
                        {text('setEnd')}
                      </Button>
                    </>
                  )}
                </div>
                <Evidence key={chosen.id} segment={chosen} />
                {recording.looksUpAt !== null && (
                  <LookUp key={`music ${chosen.id}`} segment={chosen} host={recording.looksUpAt} />
                )}
                <CompareWork key={`work ${chosen.id}`} segment={chosen} />
                {canDecide && (
                  <DecisionForm
                    key={`${chosen.id} ${chosen.decision?.decidedAt}`}
                    segment={chosen}
                    edges={edges}
                    onEdges={setEdges}
                    region={region}
                    onRegion={setRegion}
                    onDraw={() => {
                      player.current?.pause();
                      setDrawing(true);
                    }}
                    onDecide={(body) => decide(chosen, body)}
                  />
                )}
              </article>
            )}
          </Card>
        )}
        {canDecide && (
          <Card>
            <p>
              {open > 0
                ? text('finishWaits', { n: open })
                : check.state === 'done'
                  ? text('finishLead')
                  : text('finishCheckWaits')}
            </p>
            <div className="row">
              <ActionButton
                tone="primary"
                isDisabled={open > 0 || ['waiting', 'running'].includes(check.state)}
                onAct={async () => {
                  const question = { title: text('finishAsk'), text: text('finishText'), yes: text('finishReview') };
                  if (!(await sure({ ...question, isDangerous: false }))) return;
                  show(await ask('clearRecording', { params }));
                }}
              >
                {text('finishReview')}
              </ActionButton>
              <Button isDisabled={!decisions.canUndo} onPress={acts.undo}>
                {text('undoDecision')}
              </Button>
              <Button isDisabled={!decisions.canRedo} onPress={acts.redo}>
                {text('redoDecision')}
              </Button>
            </div>
          </Card>
        )}
        <CaptionsCard
          recordingId={id}
          mayChange={!isOwn}
          onPlay={(ms) => {
            setPlaysUntil(null);
            player.current?.seek(ms);
            player.current?.play();
          }}
        />
      </div>
      {isHelp && <KeysDialog keys={keys} onChange={setKeys} onClose={() => setHelp(false)} />}
    </div>
  );
}
