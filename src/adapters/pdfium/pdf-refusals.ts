import { Refusal } from '../../domain/errors.ts';

export const encrypted = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [
      {
        code: 'PDF_ENCRYPTED',
        tr: 'PDF parolayla korunuyor. Parolasız bir kopyasını verin.',
        en: 'The PDF is protected by a password. Give a copy of it that is not.',
      },
    ],
  });

export const unreadable = (detail: string): Refusal =>
  new Refusal('NOT_MEDIA', {
    message: `pdf: ${detail}`,
    reasons: [
      {
        code: 'PDF_UNREADABLE',
        tr: 'PDF okunamıyor: bozuk, eksik ya da açmak için izin verilenden fazla bellek istiyor.',
        en: 'The PDF cannot be read: it is damaged, incomplete, or wants more memory than is allowed.',
      },
    ],
  });

export const tooManyPages = (most: number): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [
      {
        code: 'PDF_TOO_MANY_PAGES',
        tr: `PDF’in ${most} sayfadan fazlası var. Bölümlere ayırıp verin.`,
        en: `The PDF has more than ${most} pages. Give it in parts.`,
      },
    ],
  });

export const tooLarge = (mostBytes: number): Refusal =>
  new Refusal('TOO_LARGE', {
    reasons: [
      {
        code: 'PDF_TOO_LARGE',
        tr: `PDF, izin verilen ${mostBytes / 1024 ** 2} MiB sınırını aşıyor. Bölümlere ayırıp verin.`,
        en: `The PDF is larger than the ${mostBytes / 1024 ** 2} MiB allowed. Give it in parts.`,
      },
    ],
  });

export const tooSlow = (): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [
      {
        code: 'PDF_TOO_SLOW',
        tr: 'PDF’in sayfaları izin verilen süre içinde çizilemedi.',
        en: 'The pages of the PDF could not be drawn within the time allowed.',
      },
    ],
  });
