import { Link } from '@tanstack/react-router';
import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { Card } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem-notice.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { text } from '../../words/current.ts';
import { byteSize, dateTime, number } from '../../words/format.ts';
import { uploadQueue } from './upload-queue.ts';
import { useUploads } from './use-uploads.ts';

type Unfinished = Item<'listUploads'>;

/**
 * What somebody began to upload and did not finish, here or on another machine: each goes on with the same file, or is
 * given up. What this window is sending stands in the panel instead. Nothing unfinished: nothing is shown.
 */
export function UnfinishedUploads({ lessonId }: { readonly lessonId?: string }) {
  const uploads = useAsk('listUploads', {}, { everyMs: 5_000 });
  const here = useUploads();
  const items = (uploads.data?.items ?? []).filter(
    (one) => (lessonId === undefined || one.lessonId === lessonId) && !here.some(({ id }) => id === one.id),
  );
  if (items.length === 0) return null;
  return (
    <Card title={text('unfinished')}>
      <ul className="plain">
        {items.map((upload) => (
          <li key={upload.id}>
            <UnfinishedUpload upload={upload} namesLesson={lessonId === undefined} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

interface UnfinishedProps {
  readonly upload: Unfinished;
  readonly namesLesson: boolean;
}

function UnfinishedUpload({ upload, namesLesson }: UnfinishedProps) {
  const sure = useSure();
  const refresh = useRefresh();
  const say = useSay();
  const { id, state, bytes, offset, sealedShare, expiresAt } = upload;
  const name = upload.fileName ?? text('unnamed');
  const share = bytes === 0 ? 0 : offset / bytes;
  const giveUp = async () => {
    await ask('cancelUpload', { params: { uploadId: id } });
    say(text('uploadCancelled'));
    await refresh();
  };
  return (
    <>
      <strong>{name}</strong>
      {namesLesson && (
        <p>
          <Link to="/lessons/$lessonId" params={{ lessonId: upload.lessonId }}>
            {upload.lessonTitle}
          </Link>
        </p>
      )}
      {state === 'failed' ? (
        <>
          <ProblemNotice error={new Problem({ title: text('uploadFailed'), reasons: upload.reasons as never })} />
          <ActionButton small onAct={giveUp}>
            {text('dismiss')}
          </ActionButton>
        </>
      ) : state === 'sealing' ? (
        <>
          <progress aria-label={name} max={1} value={sealedShare} />
          <p className="quiet">{text('uploadSealing')}</p>
        </>
      ) : (
        <>
          <progress aria-label={name} max={1} value={share} />
          <p className="quiet numbers">
            {text('uploadPercent', {
              percent: Math.floor(share * 100),
              done: byteSize(offset),
              total: byteSize(bytes),
            })}
            {expiresAt !== null && ` · ${text('unfinishedUntil', { when: dateTime(expiresAt) })}`}
          </p>
          <div className="row">
            <FileButton
              label={text('unfinishedChoose')}
              tone="primary"
              accept="video/*,audio/*,.mkv,.m4a,.mp4,.webm"
              onChosen={async ([file]) => {
                if (file === undefined) return;
                const difference = differenceOf(upload, file);
                if (difference !== null) throw new Problem({ title: difference });
                uploadQueue.add(upload.lessonId, [file], id);
              }}
            />
            <ActionButton
              small
              onAct={async () => {
                const question = { title: text('uploadGiveUpAsk', { file: name }), text: text('uploadCancelText') };
                if (await sure({ ...question, yes: text('uploadGiveUp') })) await giveUp();
              }}
            >
              {text('uploadGiveUp')}
            </ActionButton>
          </div>
        </>
      )}
    </>
  );
}

/** Why a file is not the one that was begun, in words; null when nothing speaks against it. */
function differenceOf(begun: Unfinished, file: File): string | null {
  if (file.size !== begun.bytes)
    return text('otherSize', { file: file.name, bytes: number(file.size), begun: number(begun.bytes) });
  if (begun.fileModifiedAt !== null)
    return file.lastModified === Date.parse(begun.fileModifiedAt)
      ? null
      : text('otherTime', { file: file.name, begun: dateTime(begun.fileModifiedAt) });
  if (begun.fileName !== null && file.name.normalize() !== begun.fileName.normalize())
    return text('otherName', { file: file.name, begun: begun.fileName });
  return null;
}
