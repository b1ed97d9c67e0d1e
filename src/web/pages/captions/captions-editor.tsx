import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import type { Answer, Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton, Button } from '../../parts/button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { useSay } from '../../parts/said.tsx';
import { exactClock, parseClock } from '../../words/clock.ts';
import { text } from '../../words/current.ts';
import styles from './captions-editor.module.css';

interface EditorProps {
  readonly track: Item<'listCaptions'>;
  readonly recordingId: string;
  readonly onPlay: ((ms: number) => void) | undefined;
}

/** As many lines are drawn at once. */
const atOnce = 50;

/** Corrects text and times, line by line; every saving is a version that can be gone back to. */
export function CaptionsEditor({ track, recordingId, onPlay }: EditorProps) {
  const refresh = useRefresh();
  const say = useSay();
  const params = { recordingId, language: track.language };
  const captions = useAsk('getCaptions', { params }, { isOff: track.version === null });
  const before = track.versions.filter(({ number }) => number !== track.version).at(-1);
  const goBack = async (to: number) => {
    await ask('undoCaptions', { params, body: { version: track.version, to } });
    say(text('captionsUndone'));
    await refresh();
  };
  return (
    <>
      {track.version !== null && (
        <Loaded query={captions}>
          {(shown) => <Lines key={shown.shown} shown={shown} params={params} onPlay={onPlay} />}
        </Loaded>
      )}
      <div className="row">
        {before !== undefined && (
          <ActionButton small onAct={() => goBack(before.number)}>
            {text('captionsUndo')}
          </ActionButton>
        )}
        {track.version !== null && (
          <ActionButton
            small
            tone="danger"
            onAct={async () => {
              const version = track.version ?? 0;
              await ask('removeCaptions', { params, query: { version } });
              await refresh();
              say({
                text: text('captionsRemoved'),
                async undo() {
                  await ask('undoCaptions', { params, body: { version: null, to: version } });
                  await refresh();
                },
              });
            }}
          >
            {text('captionsRemove')}
          </ActionButton>
        )}
      </div>
    </>
  );
}

interface Line {
  readonly key: number;
  readonly from: string;
  readonly until: string;
  readonly text: string;
  readonly speaker: string | null;
}

interface LinesProps {
  readonly shown: Answer<'getCaptions'>;
  readonly params: { readonly recordingId: string; readonly language: string };
  readonly onPlay: ((ms: number) => void) | undefined;
}

function Lines({ shown, params, onPlay }: LinesProps) {
  const refresh = useRefresh();
  const say = useSay();
  const [lines, setLines] = useState<readonly Line[]>(() =>
    shown.cues.map((cue, key) => ({
      key,
      from: exactClock(cue.startMs),
      until: exactClock(cue.endMs),
      text: cue.text,
      speaker: cue.speaker,
    })),
  );
  const [showsSpeakers, setShowsSpeakers] = useState(shown.showsSpeakers);
  const [most, setMost] = useState(atOnce);
  const change = (key: number, part: Partial<Line>) =>
    setLines((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const save = async () => {
    const cues = lines.map((line) => {
      const [startMs, endMs] = [parseClock(line.from), parseClock(line.until)];
      if (startMs === null || endMs === null) throw new Problem({ title: text('clockWrong') });
      return { startMs, endMs, text: line.text, speaker: line.speaker };
    });
    await ask('changeCaptions', { params, body: { version: shown.shown, showsSpeakers, cues } });
    say(text('saved'));
    await refresh();
  };
  return (
    <>
      <ol className={styles.lines}>
        {lines.slice(0, most).map((line, index) => {
          const n = index + 1;
          return (
            <li key={line.key}>
              <input
                aria-label={`${text('captionsLine', { n })}: ${text('captionFrom')}`}
                value={line.from}
                onChange={({ target }) => change(line.key, { from: target.value })}
              />
              <input
                aria-label={`${text('captionsLine', { n })}: ${text('captionUntil')}`}
                value={line.until}
                onChange={({ target }) => change(line.key, { until: target.value })}
              />
              <textarea
                rows={2}
                lang={params.language}
                aria-label={`${text('captionsLine', { n })}: ${text('captionText')}`}
                value={line.text}
                onChange={({ target }) => change(line.key, { text: target.value })}
              />
              <span className="row">
                {onPlay !== undefined && (
                  <Button
                    small
                    aria-label={text('captionsSay', { n })}
                    onPress={() => onPlay(parseClock(line.from) ?? 0)}
                  >
                    {text('play')}
                  </Button>
                )}
                <Button
                  small
                  tone="quiet"
                  aria-label={text('captionsRemoveLine', { n })}
                  onPress={() => setLines(lines.filter(({ key }) => key !== line.key))}
                >
                  ×
                </Button>
              </span>
            </li>
          );
        })}
      </ol>
      {lines.length > most && <Button onPress={() => setMost(most + atOnce)}>{text('showMore')}</Button>}
      <label className="row">
        <input type="checkbox" checked={showsSpeakers} onChange={({ target }) => setShowsSpeakers(target.checked)} />
        {text('captionsSpeakers')}
      </label>
      <div className="row">
        <ActionButton tone="primary" onAct={save}>
          {text('captionsSave')}
        </ActionButton>
        <Button
          onPress={() => {
            const last = lines.at(-1);
            const from = last?.until ?? '0:00';
            const key = Math.max(-1, ...lines.map((line) => line.key)) + 1;
            const until = exactClock((parseClock(from) ?? 0) + 2_000);
            setLines([...lines, { key, from, until, text: '', speaker: null }]);
            setMost(lines.length + 1);
          }}
        >
          {text('captionsAddLine')}
        </Button>
      </div>
    </>
  );
}
