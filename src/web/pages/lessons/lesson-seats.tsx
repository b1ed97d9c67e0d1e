import { ask } from '../../api/ask.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { ActionButton } from '../../parts/button.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { text } from '../../words/current.ts';
import type { Lesson } from './lesson.ts';

/** Who sits where nothing of them is recorded: it takes the permission to take part, and no other. */
export function LessonSeats({ lesson }: { readonly lesson: Lesson }) {
  const refresh = useRefresh();
  const say = useSay();
  const mark = async (participantId: string, unrecorded: boolean) => {
    await ask('markSeat', { params: { lessonId: lesson.id, participantId }, body: { unrecorded } });
    await refresh();
  };
  return (
    <Card>
      <details>
        <summary>{text('seats', { n: lesson.participants.filter(({ unrecorded }) => unrecorded).length })}</summary>
        <p className="quiet">{text('seatsLead')}</p>
        <ul className="plain">
          {lesson.participants.map(({ id, name, unrecorded }) => (
            <li key={id} className="row spread">
              <span>
                {name} {unrecorded && <Badge tone="waits">{text('seatUnrecorded')}</Badge>}
              </span>
              <ActionButton
                small
                label={unrecorded ? text('seatRecordOf', { name }) : text('seatMarkOf', { name })}
                onAct={async () => {
                  await mark(id, !unrecorded);
                  say({ text: text('saved'), undo: () => mark(id, unrecorded) });
                }}
              >
                {unrecorded ? text('seatRecord') : text('seatMark')}
              </ActionButton>
            </li>
          ))}
        </ul>
      </details>
    </Card>
  );
}
