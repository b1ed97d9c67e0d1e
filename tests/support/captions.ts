import type { Answer, Api } from './api.ts';

/** WebVTT out of lines `[from, until, text]`, in seconds. */
export function vttOf(...lines: (readonly [number, number, string])[]): string {
  const stamp = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 23);
  return ['WEBVTT\n', ...lines.map(([from, until, text]) => `${stamp(from)} --> ${stamp(until)}\n${text}\n`)].join(
    '\n',
  );
}

/** Sends a file of captions to a recording, or to an upload on its way. */
export function sendCaptions(
  by: Api,
  to: { readonly recordingId: string } | { readonly uploadId: string },
  text: string | Uint8Array,
  fields: Readonly<Record<string, string>> = { language: 'tr' },
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([typeof text === 'string' ? text : Uint8Array.from(text)]), 'meeting.vtt');
  const place = 'recordingId' in to ? `recordings/${to.recordingId}` : `uploads/${to.uploadId}`;
  return by.post(`/api/${place}/captions`, form);
}
