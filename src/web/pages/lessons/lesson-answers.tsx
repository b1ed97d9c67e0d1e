import { useState } from 'react';
import { audiences, capacities, type permissionStatuses, routes } from '../../../domain/permission.ts';
import { ask, askForFile, pathOf } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Choices, Field, Select, TextArea } from '../../parts/fields.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { localInput } from '../../parts/local-input.ts';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { pickAudiences } from '../courses/course-words.ts';
import type { Lesson } from './lesson.ts';

type Permission = Item<'listPermissions'>;
const tones: Record<(typeof permissionStatuses)[number], BadgeTone> = {
  requested: 'waits',
  granted: 'good',
  refused: 'bad',
  withdrawn: 'bad',
  expired: 'waits',
  invalidated: 'bad',
};

interface AnswersProps {
  readonly lesson: Lesson;
  readonly isKeeper: boolean;
}

/** Every answer about a lesson, with its documents; where staff note what came on paper, by mail or on the telephone. */
export function LessonAnswers({ lesson, isKeeper }: AnswersProps) {
  const [isOpen, setOpen] = useState(false);
  const permissions = useAsk('listPermissions', { params: { lessonId: lesson.id } }, { isOff: !isOpen });
  return (
    <Card>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{text('answersTitle')}</summary>
        <p className="quiet">{text('answersLead')}</p>
        {isOpen && (
          <>
            {isKeeper && <NoteAnswer lesson={lesson} />}
            <Loaded query={permissions}>
              {({ items }) =>
                items.length === 0 ? (
                  <p className="quiet">{text('answersNone')}</p>
                ) : (
                  <ul className="plain">
                    {items.map((permission) => (
                      <AnswerItem key={permission.id} permission={permission} lesson={lesson} isKeeper={isKeeper} />
                    ))}
                  </ul>
                )
              }
            </Loaded>
          </>
        )}
      </details>
    </Card>
  );
}

const subjectOf = ({ siteId, participantId }: Permission, lesson: Lesson): string =>
  lesson.sites.find(({ id }) => id === siteId)?.name ??
  lesson.participants.find(({ id }) => id === participantId)?.name ??
  '–';

interface ItemProps extends AnswersProps {
  readonly permission: Permission;
}

function AnswerItem({ permission, lesson, isKeeper }: ItemProps) {
  const person = usePerson();
  const refresh = useRefresh();
  const say = useSay();
  const [open, setOpen] = useState<'withdraw' | 'invalidate' | null>(null);
  const params = { permissionId: permission.id };
  const name = subjectOf(permission, lesson);
  const { status, signerName, signerCapacity, signedAt, route, documentSha256 } = permission;
  const isAnswered = status !== 'requested';
  return (
    <li>
      <div className="row spread">
        <span>
          <strong>{name}</strong>{' '}
          <span className="quiet">
            {[
              signerName,
              signerCapacity && label('signerCapacity', signerCapacity),
              isAnswered ? label('permissionRoute', route) : null,
              signedAt && dateTime(signedAt),
            ]
              .filter((part) => part !== null)
              .join(' · ')}
          </span>
        </span>
        <Badge tone={tones[status]}>{label('permissionStatus', status)}</Badge>
      </div>
      {isKeeper && isAnswered && (
        <div className="row">
          <a className={buttonClass({ small: true })} href={pathOf('getReceipt', { params })} download>
            {text('receiptDownload')}
          </a>
          {documentSha256 === null ? (
            <FileButton
              label={text('documentUpload')}
              onChosen={async ([file]) => {
                if (file === undefined) return;
                const body = new FormData();
                body.append('file', file);
                await askForFile('putDocument', { params, body });
                say(text('documentSealed'));
                await refresh();
              }}
            />
          ) : (
            <a className={buttonClass({ small: true })} href={pathOf('getDocument', { params })} download>
              {text('documentDownload')}
            </a>
          )}
          {status === 'granted' && (
            <Button small onPress={() => setOpen('withdraw')}>
              {text('withdrawIt')}
            </Button>
          )}
          {person.has('administrator') && status !== 'invalidated' && (
            <Button small tone="quiet" onPress={() => setOpen('invalidate')}>
              {text('invalidateIt')}
            </Button>
          )}
        </div>
      )}
      {open === 'withdraw' && <Withdraw permissionId={permission.id} name={name} onClose={() => setOpen(null)} />}
      {open === 'invalidate' && (
        <Dialog title={text('invalidateTitle', { name })} onClose={() => setOpen(null)}>
          <Form
            send={text('invalidateIt')}
            tone="danger"
            onSend={async (values) => {
              await ask('invalidatePermission', { params, body: { note: values.text('note') } });
              setOpen(null);
              say(text('invalidated'));
              await refresh();
            }}
          >
            <TextArea label={text('invalidateNote')} name="note" required maxLength={1000} />
          </Form>
        </Dialog>
      )}
    </li>
  );
}

interface WithdrawProps {
  readonly permissionId: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** Shows what a withdrawal stops before it is noted. */
function Withdraw({ permissionId, name, onClose }: WithdrawProps) {
  const params = { permissionId };
  const preview = useAsk('previewWithdrawal', { params });
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Dialog title={text('withdrawTitle', { name })} onClose={onClose}>
      <Loaded query={preview}>
        {({ recorded, upcoming }) => (
          <>
            <p>{recorded.length === 0 ? text('withdrawStopsNone') : text('withdrawStops', { n: recorded.length })}</p>
            <ul>
              {recorded.map((one) => (
                <li key={one.id}>
                  {one.title}, {dateTime(one.plannedStart)}
                </li>
              ))}
            </ul>
            {upcoming > 0 && <p>{text('withdrawComing', { n: upcoming })}</p>}
            <Form
              send={text('withdrawDo')}
              tone="danger"
              onSend={async (values) => {
                const note = values.text('note');
                const route = routes.find((one) => one === values.text('route'));
                await ask('withdrawPermission', {
                  params,
                  body: { ...(route === undefined ? {} : { route }), ...(note === '' ? {} : { note }) },
                });
                onClose();
                say(text('withdrawn'));
                await refresh();
              }}
            >
              <Select
                label={text('answerRoute')}
                name="route"
                defaultValue="spoken"
                options={routes.map((one) => [one, label('permissionRoute', one)] as const)}
              />
              <TextArea label={text('withdrawNote')} name="note" maxLength={1000} />
            </Form>
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

/** Notes an answer that did not come by the personal link. */
function NoteAnswer({ lesson }: { readonly lesson: Lesson }) {
  const [isOpen, setOpen] = useState(false);
  const [about, setAbout] = useState(`participant ${lesson.participants[0]?.id ?? ''}`);
  const refresh = useRefresh();
  const say = useSay();
  const [kind, id] = about.split(' ');
  const guardians = lesson.participants.find((one) => one.id === id)?.guardians ?? [];
  if (!isOpen)
    return (
      <p>
        <Button onPress={() => setOpen(true)}>{text('noteAnswer')}</Button>
      </p>
    );
  return (
    <Dialog title={text('noteAnswer')} onClose={() => setOpen(false)} wide>
      <Form
        draft={`answer-${lesson.id}`}
        className="fields"
        send={text('noteAnswer')}
        more={<Button onPress={() => setOpen(false)}>{text('cancel')}</Button>}
        onSend={async (values) => {
          const route = routes.find((one) => one === values.text('route'));
          const signerCapacity = capacities.find((one) => one === values.text('capacity'));
          const signedAt = values.instant('signedAt');
          if (!route || !signerCapacity || signedAt === null || id === undefined)
            throw new Problem({ title: text('pageFault') });
          const guardianId = values.text('guardianId');
          await ask('recordPermission', {
            params: { lessonId: lesson.id },
            body: {
              ...(kind === 'site' ? { siteId: id } : { participantId: id }),
              status: values.text('status') === 'granted' ? 'granted' : 'refused',
              route,
              releaseTo: pickAudiences(values.all('releaseTo')),
              signerName: values.text('signerName'),
              signerCapacity,
              ...(guardianId === '' || signerCapacity !== 'guardian' ? {} : { guardianId }),
              signedAt,
            },
          });
          setOpen(false);
          say(text('answerNoted'));
          await refresh();
        }}
      >
        <Select
          label={text('answerAbout')}
          value={about}
          onChange={({ target }) => setAbout(target.value)}
          options={[
            ...lesson.participants.map((one) => [`participant ${one.id}`, one.name] as const),
            ...lesson.sites.map((one) => [`site ${one.id}`, `${text('siteOf')}: ${one.name}`] as const),
          ]}
        />
        <Choices
          legend={text('answerIs')}
          name="status"
          one
          required
          options={[
            ['granted', text('answerYes')],
            ['refused', text('answerNo')],
          ]}
        />
        <Select
          label={text('answerRoute')}
          name="route"
          options={routes.map((one) => [one, label('permissionRoute', one)] as const)}
        />
        <Select
          label={text('answerCapacity')}
          name="capacity"
          key={`capacity ${about}`}
          defaultValue={kind === 'site' ? 'site_representative' : guardians.length > 0 ? 'guardian' : 'self'}
          options={capacities.map((one) => [one, label('signerCapacity', one)] as const)}
        />
        {guardians.length > 0 && (
          <Select
            label={text('answerGuardian')}
            name="guardianId"
            options={[
              ...guardians.map((one) => [one.id, one.name] as const),
              ['', text('answerGuardianOther')] as const,
            ]}
          />
        )}
        <Field label={text('answerSigner')} name="signerName" required maxLength={200} />
        <Field
          label={text('answerSignedAt')}
          name="signedAt"
          type="datetime-local"
          defaultValue={localInput(new Date())}
          required
        />
        <Choices
          legend={text('answerShownTo')}
          name="releaseTo"
          options={audiences.map((one) => [one, label('audience', one)] as const)}
          chosen={['class']}
        />
      </Form>
    </Dialog>
  );
}
