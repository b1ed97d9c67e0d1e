import { useNavigate, useSearch } from '@tanstack/react-router';
import { type RecordingState, recordingStates } from '../../../domain/lifecycle.ts';
import { useAsk } from '../../api/use-ask.ts';
import { Select } from '../../parts/fields.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { UnfinishedUploads } from '../uploads/unfinished-uploads.tsx';
import { RecordingList } from './recording-list.tsx';

/** Recordings that somebody may see, the newest first. The filter is in the address. */
export function RecordingsPage() {
  const person = usePerson();
  const { state } = useSearch({ from: '/recordings' });
  const navigate = useNavigate({ from: '/recordings' });
  const recordings = useAsk('listRecordings', { query: state === undefined ? {} : { state } }, { everyMs: 8_000 });
  return (
    <Page title={text('recordings')}>
      {person.has('teacher', 'administrator') && <UnfinishedUploads />}
      <Select
        label={text('state')}
        value={state ?? ''}
        onChange={({ target }) =>
          void navigate({ search: { state: (target.value || undefined) as RecordingState | undefined }, replace: true })
        }
        options={[
          ['', text('anyState')],
          ...recordingStates.map((one) => [one, label('recordingState', one)] as const),
        ]}
      />
      <Card>
        <Loaded query={recordings}>
          {({ items }) => (
            <RecordingList items={items} none={state === undefined ? text('noRecordings') : text('noRecordingsSuch')} />
          )}
        </Loaded>
      </Card>
    </Page>
  );
}
