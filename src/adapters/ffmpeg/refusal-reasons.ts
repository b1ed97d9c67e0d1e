import { Refusal } from '../../domain/errors.ts';
import type { Reason } from '../../domain/reason.ts';
import type { OtherKind } from './sniff.ts';

const otherKinds: Readonly<Record<OtherKind, Reason>> = {
  empty: { code: 'EMPTY_FILE' },
  playlist: { code: 'IS_PLAYLIST' },
  text: { code: 'IS_TEXT' },
  markup: { code: 'IS_MARKUP' },
  picture: { code: 'IS_PICTURE' },
  archive: { code: 'IS_ARCHIVE' },
  document: { code: 'IS_DOCUMENT' },
  program: { code: 'IS_PROGRAM' },
  unknown: { code: 'UNKNOWN_CONTENT' },
};

export const notRecording = (what: OtherKind): Refusal => new Refusal('NOT_MEDIA', { reasons: [otherKinds[what]] });

export const noMovieHeader = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [{ code: 'NO_MOVIE_HEADER' }],
  });

export const noContent = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [{ code: 'NO_CONTENT' }],
  });

export const noSoundOrVideo = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [{ code: 'NO_SOUND_OR_VIDEO' }],
  });

/** The container was recognised, but its demuxer could not open it. */
export const unreadable = (container: string, detail: string): Refusal =>
  new Refusal('NOT_MEDIA', {
    message: `${container}: ${detail}`,
    reasons: [{ code: 'UNREADABLE', params: { container } }],
  });

export const probeTooSlow = (): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [{ code: 'PROBE_TOO_SLOW' }],
  });

export const pictureTooLarge = (width: number, height: number): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [{ code: 'PICTURE_TOO_LARGE', params: { width, height } }],
  });

export const typeNotAllowed = (mediaType: string): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [{ code: 'TYPE_NOT_ALLOWED', params: { mediaType } }],
  });
