import { useRefresh } from '../../api/use-ask.ts';
import { DropArea } from '../../parts/drop-area.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { count, text } from '../../words/current.ts';
import { isReport, sendReport } from '../attendance/send-report.ts';
import { uploadQueue } from './upload-queue.ts';

interface UploadCardProps {
  readonly lessonId: string;
  /** Whether the gate holds; null: not known yet. */
  readonly isOpen: boolean | null;
}

/** What a browser takes for sound and picture, what meeting tools make, captions and attendance reports. */
const accepted = 'video/*,audio/*,.mkv,.m4a,.mp4,.webm,.vtt,.srt,.csv,.tsv,.txt,.xml,.xls,.xlsx';

/** Takes recordings into a lesson: several at once, chosen or dropped, also before the gate is open. */
export function UploadCard({ lessonId, isOpen }: UploadCardProps) {
  const say = useSay();
  const refresh = useRefresh();
  const take = async (files: File[]) => {
    const reports = files.filter(isReport);
    // With a recording they go when it is there.
    if (reports.length < files.length) return uploadQueue.add(lessonId, files);
    for (const file of reports) {
      const { outcome, rows } = await sendReport(lessonId, file, {});
      say(outcome === 'report' ? count('attendanceTaken', rows) : text('attendanceAsksThere', { file: file.name }));
    }
    await refresh();
  };
  return (
    <Card title={text('uploadTitle')}>
      <DropArea hint={text('uploadDropHere')} onFiles={take}>
        {isOpen === false && <p className="quiet">{text('uploadBeforeGate')}</p>}
        <Form send={text('upload')} clears onSend={(values) => take(values.files('file'))}>
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
      </DropArea>
    </Card>
  );
}
