import { type DragEvent, useState } from 'react';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem-notice.tsx';
import { text } from '../../words/current.ts';
import styles from './upload-card.module.css';
import { uploadQueue } from './upload-queue.ts';

interface UploadCardProps {
  readonly lessonId: string;
  /** Whether the gate holds; null: not known yet. */
  readonly isOpen: boolean | null;
}

/** What a browser takes for sound and picture, and what meeting tools make. */
const accepted = 'video/*,audio/*,.mkv,.m4a,.mp4,.webm,.vtt,.srt';

/** Takes recordings into a lesson: several at once, chosen or dropped, also before the gate is open. */
export function UploadCard({ lessonId, isOpen }: UploadCardProps) {
  const [isOver, setOver] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    setProblem(null);
    try {
      uploadQueue.add(lessonId, files);
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <Card title={text('uploadTitle')}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the field in it is the other */}
      <div
        className={isOver ? `${styles.drop} ${styles.over}` : styles.drop}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {isOver && <p>{text('uploadDropHere')}</p>}
        {isOpen === false && <p className="quiet">{text('uploadBeforeGate')}</p>}
        <ProblemNotice error={problem} />
        <Form send={text('upload')} clears onSend={async (values) => uploadQueue.add(lessonId, values.files('file'))}>
          <Field
            label={text('chooseFile')}
            hint={text('uploadHint')}
            name="file"
            type="file"
            multiple
            accept={accepted}
            required
          />
        </Form>
      </div>
    </Card>
  );
}
