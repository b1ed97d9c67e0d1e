import { askForFile } from '../../api/ask.ts';

/** What is chosen together: recordings, each with the captions that go along with it. */
interface Chosen {
  readonly media: readonly { readonly file: File; readonly captions: readonly File[] }[];
  /** Captions of none of the recordings. */
  readonly left: readonly File[];
}

const isCaptions = ({ name, type }: File): boolean => /\.(vtt|srt)$/i.test(name) || type === 'text/vtt';
const stemOf = ({ name }: File): string => name.replace(/(\.[a-z]{2,3})?\.[^.]+$/i, '').toLocaleLowerCase('tr');

/**
 * Tells captions from recordings. Of one recording all captions are its own; of several, those whose name is the same up
 * to a language and the ending (`lesson.tr.vtt` of `lesson.mp4`).
 */
export function sortChosen(files: readonly File[]): Chosen {
  const recordings = files.filter((file) => !isCaptions(file));
  const captions = files.filter(isCaptions);
  const [only] = recordings;
  const isOf = (caption: File, recording: File) =>
    (recordings.length === 1 && recording === only) || stemOf(caption) === stemOf(recording);
  return {
    media: recordings.map((file) => ({ file, captions: captions.filter((caption) => isOf(caption, file)) })),
    left: captions.filter((caption) => !recordings.some((recording) => isOf(caption, recording))),
  };
}

/**
 * Gives captions to an upload that is on its way, or to the recording that it has become.
 * @throws Problem: what is wrong with the file, or that somebody else's upload is meant.
 */
export async function sendAlong(to: 'attachCaptions' | 'takeCaptions', id: string, file: File): Promise<void> {
  const form = new FormData();
  const [, language] = /\.([a-z]{2,3})\.[^.]+$/i.exec(file.name) ?? [];
  if (language !== undefined) form.append('language', language.toLowerCase());
  form.append('file', file);
  const body = form;
  if (to === 'attachCaptions') await askForFile(to, { params: { uploadId: id }, body });
  else await askForFile(to, { params: { recordingId: id }, body });
}
