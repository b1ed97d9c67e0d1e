import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ActionButton, Button } from '../../parts/button.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { ProblemNotice } from '../../parts/problem-notice.tsx';
import { useSure } from '../../parts/sure.tsx';
import { text } from '../../words/current.ts';
import { byteSize, number } from '../../words/format.ts';
import { DeclareWhile } from './declare-while.tsx';
import { type Upload, uploadQueue } from './upload-queue.ts';
import styles from './uploads-panel.module.css';
import { useRefreshOnArrival, useUploads } from './use-uploads.ts';

/** Files on their way, over whatever page is open, until each has arrived or failed. */
export function UploadsPanel() {
  const uploads = useUploads();
  const [isSmall, setSmall] = useState(false);
  useRefreshOnArrival(uploads);
  if (uploads.length === 0) return null;
  return (
    <section className={styles.panel} aria-label={text('uploads')}>
      <div className={styles.head}>
        <h2>{text('uploads')}</h2>
        <Button small tone="quiet" onPress={() => setSmall(!isSmall)}>
          {isSmall ? text('uploadShow') : text('uploadHide')}
        </Button>
      </div>
      <ul className={styles.list}>
        {uploads.map((upload) => (
          <li key={upload.key}>
            <UploadItem upload={upload} isSmall={isSmall} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ItemProps {
  readonly upload: Upload;
  readonly isSmall: boolean;
}

function UploadItem({ upload, isSmall }: ItemProps) {
  const { key, file, state, loaded, total, sealedShare, problem, id, undeclared } = upload;
  const sure = useSure();
  const isEnded = state === 'done' || state === 'failed';
  const isUnderWay = state === 'sending' || state === 'starting' || state === 'away';
  const share = state === 'sealing' ? sealedShare : total > 0 ? loaded / total : 0;
  return (
    <>
      <strong className={styles.name}>{state === 'done' ? text('uploadDone', { file: file.name }) : file.name}</strong>
      {!isEnded && (
        <>
          <progress aria-label={file.name} max={1} value={state === 'starting' ? undefined : share} />
          <p className="quiet numbers" role="status">
            {saysOf(upload)}
          </p>
        </>
      )}
      <ProblemNotice error={problem} />
      {upload.refusedCaptions.map((refused) => (
        <div key={refused.name}>
          <p>{text('captionsRefused', { file: refused.name })}</p>
          <ProblemNotice error={refused.problem} />
        </div>
      ))}
      {upload.reported.map((said) => (
        <p key={said}>{said}</p>
      ))}
      {undeclared.map((title) => (
        <p key={title}>{text('declareFailed', { title })}</p>
      ))}
      {!isSmall && (
        <>
          {id !== null && !isEnded && <DeclareWhile uploadId={id} />}
          <div className="row">
            {isUnderWay && (
              <Button small onPress={() => void uploadQueue.pause(key)}>
                {text('uploadPause')}
              </Button>
            )}
            {state === 'paused' && (
              <Button small onPress={() => uploadQueue.resume(key)}>
                {text('uploadResume')}
              </Button>
            )}
            {state === 'failed' && (
              <Button small onPress={() => uploadQueue.retry(key)}>
                {text('tryAgain')}
              </Button>
            )}
            {state === 'done' && id !== null && (
              <Link
                to="/recordings/$recordingId"
                params={{ recordingId: id }}
                className={buttonClass({ tone: 'primary', small: true })}
                onClick={() => void uploadQueue.dismiss(key)}
              >
                {text('openRecording')}
              </Link>
            )}
            {isEnded ? (
              <Button small onPress={() => void uploadQueue.dismiss(key)}>
                {text('dismiss')}
              </Button>
            ) : (
              state !== 'sealing' && (
                <ActionButton
                  small
                  onAct={async () => {
                    const question = { title: text('uploadCancelAsk'), text: text('uploadCancelText') };
                    if (await sure({ ...question, yes: text('uploadCancel') })) await uploadQueue.cancel(key);
                  }}
                >
                  {text('uploadCancel')}
                </ActionButton>
              )
            )}
          </div>
        </>
      )}
    </>
  );
}

function saysOf({ state, loaded, total, speed }: Upload): string {
  if (state === 'gate') return text('uploadGateClosed');
  if (state === 'queued') return text('uploadWaitsTurn');
  if (state === 'starting') return text('uploadStarting');
  if (state === 'away') return text('uploadWaits');
  if (state === 'sealing') return text('uploadSealing');
  const sizes = { done: byteSize(loaded), total: byteSize(total) };
  if (state === 'paused') return text('uploadPaused', sizes);
  const percent = Math.floor((total > 0 ? loaded / total : 0) * 100);
  const done = text('uploadPercent', { percent, ...sizes });
  if (speed === null || speed <= 0) return done;
  return `${done} · ${text('uploadSpeed', { speed: byteSize(speed), left: spanOf((total - loaded) / speed) })}`;
}

function spanOf(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return text('secondsLeft', { n: Math.ceil(seconds) });
  if (seconds < 5_400) return text('minutesLeft', { n: Math.ceil(seconds / 60) });
  return text('hoursLeft', { n: number(seconds / 3_600, 1) });
}
