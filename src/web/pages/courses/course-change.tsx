import { useState } from 'react';
import { audiences, purposes } from '../../../domain/permission.ts';
import { ask } from '../../api/ask.ts';
import type { Answer, Body } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Choices, Field, Select, Tick } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useSay } from '../../parts/said.tsx';
import { label, text } from '../../words/current.ts';
import { ReasonField, SupervisorField, TitleField } from './course-fields.tsx';
import type { Course } from './course-words.ts';
import { approvedChannels, pickAudiences, pickPurposes } from './course-words.ts';

type Change = Body<'changeCourse'>;

/** Changes what is asked for. Where that makes answers void, it shows whose first. */
export function CourseChange({ course }: { readonly course: Course }) {
  const [isOpen, setOpen] = useState(false);
  const [preview, setPreview] = useState<{ change: Change; outcome: Answer<'changeCourse'> } | null>(null);
  const channels = useAsk('listChannels', {}, { isOff: !isOpen });
  const refresh = useRefresh();
  const say = useSay();
  const send = async (change: Change) => {
    const outcome = await ask('changeCourse', { params: { courseId: course.id }, body: change });
    if (!outcome.saved) return setPreview({ change, outcome });
    setPreview(null);
    say(text('saved'));
    await refresh();
  };
  const others = approvedChannels(channels.data?.items).filter(([id]) => id !== course.channelId);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{text('changeCourse')}</summary>
      <p className="quiet">{text('changeLead')}</p>
      {/* What was typed since is not what the preview is about. */}
      <div onInput={() => setPreview(null)}>
        <Form
          key={`${course.terms}${course.title}`}
          className="fields"
          send={text('changeSave')}
          tone="plain"
          onSend={(values) => send(changeOf(course, values))}
        >
          <TitleField value={course.title} />
          <ReasonField value={course.reason} />
          <SupervisorField value={course.supervisorName} />
          <Select
            label={text('channel')}
            name="channelId"
            options={[[course.channelId, course.channelName], ...others]}
          />
          <Field label={text('firstDay')} name="from" type="date" defaultValue={course.from} required />
          <Field label={text('lastDay')} name="until" type="date" defaultValue={course.until} required />
          <Field
            label={text('keptUntil')}
            hint={text('changeKeptHint')}
            name="keptUntil"
            type="date"
            defaultValue={course.keptUntil ?? ''}
          />
          <Choices
            legend={text('askedFor')}
            name="purposes"
            options={purposes.map((one) => [one, label('purpose', one)])}
            chosen={course.purposes}
          />
          <Choices
            legend={text('shownTo')}
            name="audiences"
            options={audiences.map((one) => [one, label('audience', one)])}
            chosen={course.audiences}
          />
          <Field label={text('changeNewSite')} name="siteName" maxLength={200} />
          <Field label={text('siteContact')} hint={text('siteContactHint')} name="siteContact" maxLength={300} />
          <Tick label={text('changeTakeTexts')} name="takeTexts" />
        </Form>
      </div>
      <div aria-live="polite">
        {preview !== null && (
          <Notice tone="bad">
            <p>
              <strong>{text('changeVoids', { n: preview.outcome.voids.length })}</strong>
            </p>
            <p>
              {text('changeReads', {
                what: preview.outcome.changes.map((one) => label('termsField', one)).join(', '),
              })}
            </p>
            <ul>
              {preview.outcome.voids.map(({ subject, signer }) => (
                <li key={subject + signer}>{subject === signer ? subject : `${subject} – ${signer}`}</li>
              ))}
            </ul>
            <ActionButton tone="danger" onAct={() => send({ ...preview.change, confirm: preview.outcome.terms })}>
              {text('changeSaveAll')}
            </ActionButton>
          </Notice>
        )}
      </div>
    </details>
  );
}

const isSame = (a: readonly string[], b: readonly string[]) => a.toSorted().join() === b.toSorted().join();

/** Only what differs: nothing else is anybody's wish. */
function changeOf(course: Course, values: Values): Change {
  const texts = (['title', 'reason', 'supervisorName', 'channelId', 'from', 'until'] as const).flatMap((name) =>
    values.text(name) === course[name] ? [] : [[name, values.text(name)] as const],
  );
  const keptUntil = values.text('keptUntil');
  const [asked, shown] = [pickPurposes(values.all('purposes')), pickAudiences(values.all('audiences'))];
  const siteName = values.text('siteName');
  return {
    ...Object.fromEntries(texts),
    ...(keptUntil === (course.keptUntil ?? '') ? {} : { keptUntil: keptUntil === '' ? null : keptUntil }),
    ...(isSame(asked, course.purposes) ? {} : { purposes: asked }),
    ...(isSame(shown, course.audiences) ? {} : { audiences: shown }),
    ...(siteName === '' ? {} : { addSites: [{ name: siteName, contact: values.text('siteContact') }] }),
    ...(values.isTicked('takeTexts') ? { takeTexts: true as const } : {}),
  };
}
