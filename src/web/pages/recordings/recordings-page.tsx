import { useNavigate, useSearch } from '@tanstack/react-router';
import { type RecordingState, recordingStates } from '../../../domain/lifecycle.ts';
import { useList } from '../../api/use-ask.ts';
import { Field, Select, Tick } from '../../parts/fields.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { UnfinishedUploads } from '../uploads/unfinished-uploads.tsx';
import { RecordingList } from './recording-list.tsx';

/** Recordings that somebody may see, the newest first. The filter is in the address. */
export function RecordingsPage() {
  const person = usePerson();
  const { state, words, open } = useSearch({ from: '/recordings' });
  const navigate = useNavigate({ from: '/recordings' });
  const recordings = useList(
    'listRecordings',
    { query: { limit: 50, ...(state ? { state } : {}), ...(words ? { words } : {}), ...(open ? { open } : {}) } },
    { everyMs: 8_000 },
  );
  const filter = (next: {
    state?: RecordingState | undefined;
    words?: string | undefined;
    open?: 'true' | undefined;
  }) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const isFiltered = state !== undefined || words !== undefined || open !== undefined;
  return (
    <Page title={text('recordings')}>
      {person.has('teacher', 'administrator') && <UnfinishedUploads />}
      <div className="fields">
        <Field
          label={text('filterWords')}
          type="search"
          defaultValue={words ?? ''}
          onChange={({ target }) => filter({ words: target.value || undefined })}
        />
        <Select
          label={text('state')}
          value={state ?? ''}
          onChange={({ target }) => filter({ state: recordingStates.find((one) => one === target.value) })}
          options={[
            ['', text('anyState')],
            ...recordingStates.map((one) => [one, label('recordingState', one)] as const),
          ]}
        />
        <Tick
          label={text('onlyOpen')}
          checked={open === 'true'}
          onChange={({ target }) => filter({ open: target.checked ? 'true' : undefined })}
        />
      </div>
      <Card>
        <Loaded query={recordings}>
          {() => (
            <>
              <RecordingList
                items={recordings.items}
                none={isFiltered ? text('noRecordingsSuch') : text('noRecordings')}
              />
              <MoreButton list={recordings} />
            </>
          )}
        </Loaded>
      </Card>
    </Page>
  );
}
