import type { Cue } from './cue.ts';

/** https://www.w3.org/TR/webvtt1/ */
export function writeWebVtt(cues: readonly Cue[]): string {
  const blocks = cues.map(({ startMs, endMs, text, speaker }) => {
    const voice = speaker === null ? '' : `<v ${asText(speaker)}>`;
    return `${stamp(startMs, '.')} --> ${stamp(endMs, '.')}\n${voice}${asText(text)}\n`;
  });
  return ['WEBVTT\n', ...blocks].join('\n');
}

/** SubRip has no escapes: an arrow in the text becomes a sign, and names stand before it. */
export function writeSrt(cues: readonly Cue[]): string {
  const blocks = cues.map(({ startMs, endMs, text, speaker }, at) => {
    const said = (speaker === null ? text : `${speaker}: ${text}`).replaceAll('-->', '→');
    return `${at + 1}\n${stamp(startMs, ',')} --> ${stamp(endMs, ',')}\n${said}\n`;
  });
  return blocks.join('\n');
}

const asText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function stamp(ms: number, point: string): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${clock}${point}${String(ms % 1000).padStart(3, '0')}`;
}
