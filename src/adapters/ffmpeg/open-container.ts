import type { MediaSource } from '../../pipeline/ports/media.ts';
import type { ContainerName } from './containers.ts';
import { readBytes } from './mp4-boxes.ts';
import { notRecording } from './refusal-reasons.ts';
import { findMp3Start, mp3SearchBytes, sniff, sniffBytes } from './sniff.ts';

export interface OpenedContainer {
  readonly container: ContainerName;
  /** The source without the bytes in front of the recording. */
  readonly media: MediaSource;
  readonly skippedBytes: number;
}

/**
 * Recognises the container from the first 64 KiB. Recorders and download managers leave rubbish in front of an MP3, and
 * players skip it. So does this function, within the first MiB and only if the beginning is no format that it knows.
 * @throws Refusal `NOT_MEDIA`.
 */
export async function openContainer(source: MediaSource, signal?: AbortSignal): Promise<OpenedContainer> {
  const sniffed = sniff(await readBytes(source, 0, sniffBytes, signal));
  if (sniffed.kind === 'container') return { container: sniffed.container, media: source, skippedBytes: 0 };
  if (sniffed.what !== 'unknown') throw notRecording(sniffed.what);
  const start = findMp3Start(await readBytes(source, 0, mp3SearchBytes, signal));
  if (start < 0) throw notRecording('unknown');
  return { container: 'mp3', media: from(source, start), skippedBytes: start };
}

function from(source: MediaSource, offset: number): MediaSource {
  return {
    bytes: source.bytes - offset,
    read: (start, end, signal) => source.read(start + offset, end + offset, signal),
  };
}
