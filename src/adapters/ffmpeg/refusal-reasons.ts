import { type Reason, Refusal } from '../../domain/errors.ts';
import type { OtherKind } from './sniff.ts';

const otherKinds: Readonly<Record<OtherKind, Reason>> = {
  empty: { code: 'EMPTY_FILE', tr: 'Dosya boş (0 bayt).', en: 'The file is empty (0 bytes).' },
  playlist: {
    code: 'IS_PLAYLIST',
    tr: 'Bu dosya bir çalma listesi; başka dosyalara işaret ediyor, kendisi bir kayıt değil.',
    en: 'This file is a playlist: it points to other files and is not a recording itself.',
  },
  text: {
    code: 'IS_TEXT',
    tr: 'Bu dosya bir metin dosyası, kayıt değil.',
    en: 'This file is a text file, not a recording.',
  },
  markup: {
    code: 'IS_MARKUP',
    tr: 'Bu dosya bir web sayfası ya da XML belgesi, kayıt değil.',
    en: 'This file is a web page or an XML document, not a recording.',
  },
  picture: {
    code: 'IS_PICTURE',
    tr: 'Bu dosya bir resim, kayıt değil.',
    en: 'This file is a picture, not a recording.',
  },
  archive: {
    code: 'IS_ARCHIVE',
    tr: 'Bu dosya bir arşiv (zip, tar …). İçindeki kaydı çıkarıp onu yükleyin.',
    en: 'This file is an archive (zip, tar …). Take the recording out of it and upload that.',
  },
  document: {
    code: 'IS_DOCUMENT',
    tr: 'Bu dosya bir belge, kayıt değil.',
    en: 'This file is a document, not a recording.',
  },
  program: {
    code: 'IS_PROGRAM',
    tr: 'Bu dosya bir program, kayıt değil.',
    en: 'This file is a program, not a recording.',
  },
  unknown: {
    code: 'UNKNOWN_CONTENT',
    tr: 'Dosyanın içeriği tanıdığımız bir kayıt biçimi değil.',
    en: 'The content of the file is not a recording format that we know.',
  },
};

export const notRecording = (what: OtherKind): Refusal => new Refusal('NOT_MEDIA', { reasons: [otherKinds[what]] });

export const noMovieHeader = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [
      {
        code: 'NO_MOVIE_HEADER',
        tr: 'MP4 dosyasının içindekiler bölümü (moov) yok. Kayıt büyük olasılıkla yarıda kesilmiş; dosyayı yeniden alın.',
        en: 'The MP4 file has no table of contents (moov). The recording was probably cut off; fetch the file again.',
      },
    ],
  });

export const noContent = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [
      {
        code: 'NO_CONTENT',
        tr: 'Dosyada yalnızca başlık var; ne ses ne de görüntü verisi içeriyor.',
        en: 'The file has only headers: there is no sound and no picture in it.',
      },
    ],
  });

export const noSoundOrVideo = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [
      {
        code: 'NO_SOUND_OR_VIDEO',
        tr: 'Dosyada ne bir ses ne de bir video akışı var.',
        en: 'The file has neither a sound nor a video stream.',
      },
    ],
  });

/** The container was recognised, and its demuxer could not open it. */
export const unreadable = (container: string, detail: string): Refusal =>
  new Refusal('NOT_MEDIA', {
    message: `${container}: ${detail}`,
    reasons: [
      {
        code: 'UNREADABLE',
        tr: `Dosya ${container} olarak başlıyor, ama okunamıyor: bozuk ya da eksik.`,
        en: `The file begins as ${container} and cannot be read: it is damaged or incomplete.`,
      },
    ],
  });

export const probeTooSlow = (): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [
      {
        code: 'PROBE_TOO_SLOW',
        tr: 'Dosya, izin verilen süre ve bellek içinde incelenemedi.',
        en: 'The file could not be examined within the time and memory allowed.',
      },
    ],
  });

export const pictureTooLarge = (width: number, height: number): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [
      {
        code: 'PICTURE_TOO_LARGE',
        tr: `Görüntü ${width}×${height} piksel; bu boyuttaki görüntüler kabul edilmiyor.`,
        en: `The picture is ${width}×${height} pixels; pictures of this size are not accepted.`,
      },
    ],
  });

export const typeNotAllowed = (mediaType: string): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [
      {
        code: 'TYPE_NOT_ALLOWED',
        tr: `Dosya türü "${mediaType}" bir ses ya da video türü değil.`,
        en: `The file type "${mediaType}" is not a sound or video type.`,
      },
    ],
  });
