import { useAsk } from '../../api/use-ask.ts';
import { Field, Select, TextArea } from '../../parts/fields.tsx';
import { text } from '../../words/current.ts';
import { approvedChannels } from './course-words.ts';

// What a course and a lesson ask in the same words, whether they are opened or changed.

interface Filled {
  readonly value?: string;
}

export const TitleField = ({ value }: Filled) => (
  <Field label={text('courseTitle')} name="title" defaultValue={value} required maxLength={200} />
);

export const ReasonField = ({ value }: Filled) => (
  <TextArea
    label={text('reason')}
    hint={text('reasonHint')}
    name="reason"
    defaultValue={value}
    required
    maxLength={2000}
  />
);

export const SupervisorField = ({ value }: Filled) => (
  <Field label={text('supervisor')} name="supervisorName" defaultValue={value} required maxLength={200} />
);

/** An approved channel, and what to do where there is none. */
export function ChannelField() {
  const channels = useAsk('listChannels', {});
  const approved = approvedChannels(channels.data?.items);
  return (
    <Select
      label={text('channel')}
      name="channelId"
      required
      options={approved}
      hint={channels.data && approved.length === 0 ? text('noChannelYet') : null}
    />
  );
}

/** The first site, which is the school unless it is changed, and who answers there. */
export const SiteFields = ({ name }: { readonly name: string }) => (
  <>
    <Field label={text('siteName')} name="siteName" defaultValue={name} required maxLength={200} />
    <Field label={text('siteContact')} hint={text('siteContactHint')} name="siteContact" required maxLength={300} />
  </>
);
