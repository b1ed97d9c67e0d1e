import { makeSheetCode, sheetCodeBytes } from '../../src/domain/sheet-code.ts';
import { makeTerms, type Terms } from '../../src/domain/terms.ts';
import type { SheetToPrint } from '../../src/pipeline/paper/sheet-words.ts';

const often = (sentence: string, times: number) => Array(times).fill(sentence).join(' ');

/** Terms of an invented school, whose texts take two pages. */
export const sheetTerms: Terms = makeTerms({
  school: 'Örnek Köyü Deneme Ortaokulu',
  course: 'Fen Bilimleri 7/İ, kardeş okulla ortak dersler',
  reason: 'Derse katılamayan öğrenciler deneyleri sonradan izleyebilsin diye',
  channel: 'BigBlueButton (okulun sunucusu)',
  sites: ['Örnek Köyü Deneme Ortaokulu', 'Çınaraltı Deneme Ortaokulu'],
  from: '2026-09-14',
  until: '2027-06-18',
  purposes: ['take_part', 'record', 'keep', 'release'],
  audiences: ['class', 'families'],
  keptUntil: '2027-08-31',
  texts: {
    tr: {
      notice: {
        version: 3,
        text: often('Okulumuz görüntü ve sesi yalnızca yukarıda yazılı amaçla işler; her erişim günlüğe yazılır.', 22),
      },
      consent: { version: 2, text: often('Yalnızca “evet” dediğim sorular için açık rıza veriyorum.', 9) },
    },
    en: {
      notice: {
        version: 3,
        text: often('Our school uses picture and sound for the reason stated above only; access is on a log.', 22),
      },
      consent: { version: 2, text: often('I consent to nothing but what I answer with yes.', 11) },
    },
  },
});

/** The code of the sheet with this number. */
export const sheetCodeOf = (number: number) =>
  makeSheetCode(Uint8Array.from({ length: sheetCodeBytes }, (_, at) => (number + 1) * 37 + at * 11));

/** A sheet of an invented pupil. */
export function sheetOf(number: number, differing: Partial<SheetToPrint> = {}): SheetToPrint {
  return {
    code: sheetCodeOf(number),
    language: 'tr',
    terms: sheetTerms,
    subject: { name: `Iğdır Şıhdeneme ${number}`, className: '7/İ' },
    signer: { name: `Çağla Öğdeneme ${number}`, relation: 'mother' },
    withdrawal: { office: 'Müdür yardımcısının odası', address: 'https://okul.example/izin' },
    ...differing,
  };
}
