import { useState } from 'react';
import { askForFile } from '../../api/ask.ts';
import type { Answer, Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { text } from '../../words/current.ts';
import { CaptionsEditor } from './captions-editor.tsx';

interface CaptionsCardProps {
  readonly recordingId: string;
  /** Whether they may be brought and corrected now; else they are only told of. */
  readonly mayChange: boolean;
  /** Plays from a moment of the original, where there is a player. */
  readonly onPlay?: ((ms: number) => void) | undefined;
}

/** Captions of a recording: brought as a file, corrected line by line, put back, removed (WCAG 1.2.2). */
export function CaptionsCard({ recordingId, mayChange, onPlay }: CaptionsCardProps) {
  const captions = useAsk('listCaptions', { params: { recordingId } });
  return (
    <Card title={text('captions')}>
      <Loaded query={captions}>
        {({ items }) => {
          const there = items.filter(({ version }) => version !== null);
          return (
            <>
              {there.length === 0 && <p>{text('captionsNone')}</p>}
              <ul className="plain">
                {items.map((one) => (
                  <li key={one.language}>
                    <Track track={one} recordingId={recordingId} mayChange={mayChange} onPlay={onPlay} />
                  </li>
                ))}
              </ul>
              {mayChange && <TakeForm recordingId={recordingId} tracks={items} />}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

interface TakeFormProps {
  readonly recordingId: string;
  readonly tracks: readonly Item<'listCaptions'>[];
}

function TakeForm({ recordingId, tracks }: TakeFormProps) {
  const refresh = useRefresh();
  const say = useSay();
  const [taken, setTaken] = useState<Answer<'takeCaptions'> | null>(null);
  return (
    <details>
      <summary>{text('captionsUpload')}</summary>
      <Form
        className="fields"
        send={text('captionsUpload')}
        tone="plain"
        clears
        onSend={async (values) => {
          const [file] = values.files('file');
          if (file === undefined) return;
          const language = values.text('language');
          const form = new FormData();
          if (language !== '') form.append('language', language);
          const replaced = tracks.find((one) => one.language === language)?.version;
          if (replaced != null) form.append('replaces', String(replaced));
          form.append('file', file);
          const answer = await askForFile('takeCaptions', { params: { recordingId }, body: form });
          setTaken(JSON.parse(await answer.text()) as Answer<'takeCaptions'>);
          say(text('captionsTaken'));
          await refresh();
        }}
      >
        <Field label={text('rosterFile')} name="file" type="file" accept=".vtt,.srt,text/vtt" required />
        <Field
          label={text('captionLanguage')}
          hint={text('captionsLanguageHint')}
          name="language"
          maxLength={12}
          placeholder="tr"
          pattern="[A-Za-z]{2,3}"
        />
      </Form>
      <div role="status">
        {taken !== null && taken.notices.length > 0 && (
          <Notice tone="waits">
            <ul>
              {taken.notices.map((notice) => (
                <li key={notice.code}>{notice.text}</li>
              ))}
            </ul>
          </Notice>
        )}
      </div>
    </details>
  );
}

interface TrackProps extends CaptionsCardProps {
  readonly track: Item<'listCaptions'>;
}

function Track({ track, recordingId, mayChange, onPlay }: TrackProps) {
  const [isOpen, setOpen] = useState(false);
  const now = track.versions.find(({ number }) => number === track.version);
  return (
    <>
      <strong>{text('captionsOf', { language: track.label, n: now?.cues ?? 0 })}</strong>{' '}
      <span className="quiet">{now?.sourceText}</span>
      {mayChange && (
        <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>{text('captionsEdit')}</summary>
          {isOpen && <CaptionsEditor track={track} recordingId={recordingId} onPlay={onPlay} />}
        </details>
      )}
    </>
  );
}
