import type { Response } from 'express';
import { fewReasons, type Reason, type RefusalCode } from '../domain/errors.ts';

export type Language = 'tr' | 'en';

/** One table from refusal to HTTP status. RFC 9110, section 15. */
const statuses = {
  INVALID_REQUEST: 400,
  NOT_SIGNED_IN: 401,
  SIGN_IN_FAILED: 401,
  SECOND_FACTOR_REQUIRED: 403,
  CONFIRMATION_NEEDED: 403,
  /** RFC 6585. */
  TOO_MANY_REQUESTS: 429,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  STATE_CHANGED: 409,
  WRONG_STATE: 409,
  PERMISSION_MISSING: 403,
  SIZE_MISMATCH: 422,
  TOO_LARGE: 413,
  OFFSET_CONFLICT: 409,
  /** tus 1.0.0, checksum. */
  CHECKSUM_MISMATCH: 460,
  UPLOAD_OVER: 410,
  UPLOAD_INCOMPLETE: 400,
  BODY_TOO_SLOW: 408,
  NO_FILE: 400,
  NOT_MEDIA: 422,
  MEDIA_NOT_ALLOWED: 415,
  NOT_DOCUMENT: 422,
  MALWARE_FOUND: 422,
  SEGMENTS_OPEN: 409,
  RENDITION_NOT_READY: 409,
  SAME_PERSON: 403,
  HOLD_IN_FORCE: 409,
  ERASURE_NOT_FINISHED: 409,
  LINK_NOT_VALID: 404,
  RANGE_NOT_SATISFIABLE: 416,
  STORE_UNAVAILABLE: 503,
  SCANNER_UNAVAILABLE: 503,
  DATABASE_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
} as const satisfies Record<RefusalCode, number>;

const titles: Record<RefusalCode | 'INTERNAL', Record<Language, string>> = {
  INVALID_REQUEST: { tr: 'İstekte bir yanlışlık var.', en: 'Something in the request is not right.' },
  NOT_SIGNED_IN: { tr: 'Önce oturum açın.', en: 'Sign in first.' },
  SIGN_IN_FAILED: { tr: 'Oturum açılamadı.', en: 'Sign-in failed.' },
  SECOND_FACTOR_REQUIRED: { tr: 'İkinci doğrulama adımı gerekiyor.', en: 'A second factor is needed.' },
  CONFIRMATION_NEEDED: {
    tr: 'Bunun için parolanızı (ve kodunuzu) yeniden girmeniz gerekiyor.',
    en: 'For this you have to enter your password (and code) again.',
  },
  TOO_MANY_REQUESTS: {
    tr: 'Çok fazla deneme yapıldı. Biraz bekleyip yeniden deneyin.',
    en: 'Too many tries. Wait a little, then try again.',
  },
  NOT_ALLOWED: { tr: 'Bunun için yetkiniz yok.', en: 'You are not allowed to do this.' },
  NOT_FOUND: { tr: 'Böyle bir şey yok.', en: 'There is no such thing.' },
  ALREADY_EXISTS: { tr: 'Zaten var.', en: 'It is there already.' },
  STATE_CHANGED: {
    tr: 'Bu arada başka biri değiştirdi. Yenileyip tekrar bakın.',
    en: 'Somebody else changed it meanwhile. Reload and look again.',
  },
  WRONG_STATE: { tr: 'Bu adım şu anda atılamaz.', en: 'This step cannot be taken now.' },
  PERMISSION_MISSING: {
    tr: 'İzinler eksik: kayıt kabul edilemez.',
    en: 'Permissions are missing: the recording cannot be accepted.',
  },
  SIZE_MISMATCH: {
    tr: 'Gelen dosya bildirilenle aynı değil; hiçbir şey saklanmadı.',
    en: 'The file is not what was declared; nothing was kept.',
  },
  TOO_LARGE: { tr: 'Dosya çok büyük.', en: 'The file is too large.' },
  OFFSET_CONFLICT: {
    tr: 'Yükleme bu noktadan devam etmiyor. Önce nerede kaldığını sorun.',
    en: 'The upload does not go on from there. Ask where it stands first.',
  },
  CHECKSUM_MISMATCH: {
    tr: 'Bu parça yolda bozuldu; saklanmadı. Yeniden gönderin.',
    en: 'This piece was damaged on its way and was not kept. Send it again.',
  },
  UPLOAD_OVER: { tr: 'Bu yükleme artık yok; baştan başlayın.', en: 'This upload is over; begin anew.' },
  UPLOAD_INCOMPLETE: {
    tr: 'Yükleme tamamlanmadı; hiçbir şey saklanmadı.',
    en: 'The upload did not finish; nothing was kept.',
  },
  BODY_TOO_SLOW: { tr: 'İstek zamanında gelmedi.', en: 'The request did not arrive in time.' },
  NO_FILE: { tr: 'İstekte dosya yok.', en: 'The request has no file.' },
  NOT_MEDIA: {
    tr: 'Bu dosya bir ses ya da görüntü kaydı değil; hiçbir şey saklanmadı.',
    en: 'This file is not an audio or video recording; nothing was kept.',
  },
  MEDIA_NOT_ALLOWED: {
    tr: 'Bu dosya türü kabul edilmiyor; hiçbir şey saklanmadı.',
    en: 'This kind of file is not accepted; nothing was kept.',
  },
  NOT_DOCUMENT: {
    tr: 'Bu dosya imzalı belge olarak kabul edilmiyor; hiçbir şey saklanmadı.',
    en: 'This file is not accepted as a signed document; nothing was kept.',
  },
  MALWARE_FOUND: {
    tr: 'Bu dosyada zararlı yazılım bulundu; hiçbir şey saklanmadı.',
    en: 'Malware was found in this file; nothing was kept.',
  },
  SEGMENTS_OPEN: { tr: 'Karar bekleyen bölümler var.', en: 'There are segments without a decision.' },
  RENDITION_NOT_READY: { tr: 'İzlenebilir kopya hazır değil.', en: 'The rendition is not ready.' },
  HOLD_IN_FORCE: { tr: 'Yasal saklama sürüyor: silinemez.', en: 'A legal hold is in force: it cannot be erased.' },
  ERASURE_NOT_FINISHED: {
    tr: 'Silme henüz bitmedi; belgesi bitince verilir.',
    en: 'The erasure is not finished; its certificate comes with its end.',
  },
  SAME_PERSON: { tr: 'Bunu başka birinin yapması gerekir.', en: 'Somebody else has to do this.' },
  LINK_NOT_VALID: {
    tr: 'Bu bağlantı geçerli değil ya da süresi doldu.',
    en: 'This link is not valid, or its time is over.',
  },
  RANGE_NOT_SATISFIABLE: { tr: 'İstenen aralık dosyanın dışında.', en: 'The range lies outside of the file.' },
  STORE_UNAVAILABLE: {
    tr: 'Depo şu anda yanıt vermiyor. Biraz sonra tekrar deneyin; hiçbir şey kaybolmadı.',
    en: 'The object store does not answer now. Try again shortly; nothing is lost.',
  },
  SCANNER_UNAVAILABLE: {
    tr: 'Zararlı yazılım tarayıcısı şu anda yanıt vermiyor; hiçbir şey saklanmadı. Biraz sonra tekrar deneyin.',
    en: 'The malware scanner does not answer now; nothing was kept. Try again shortly.',
  },
  DATABASE_UNAVAILABLE: {
    tr: 'Veritabanı şu anda yanıt vermiyor. Biraz sonra tekrar deneyin.',
    en: 'The database does not answer now. Try again shortly.',
  },
  SHUTTING_DOWN: {
    tr: 'Sunucu kapanıyor. Biraz sonra tekrar deneyin.',
    en: 'The server is stopping. Try again shortly.',
  },
  INTERNAL: {
    tr: 'Beklenmeyen bir hata oldu. Kayıt numarasını bildirin.',
    en: 'Something unexpected happened. Report the request id.',
  },
};

/** Answers RFC 9457 problem details. `code` null: a fault, of which nothing is told. */
export function sendProblem(
  res: Response,
  problem: {
    code: RefusalCode | null;
    reasons?: readonly Reason[];
    retryAfterSeconds?: number | null;
    language: Language;
    requestId: string;
  },
): void {
  const code = problem.code ?? 'INTERNAL';
  const status = problem.code === null ? 500 : statuses[problem.code];
  const reasons = fewReasons(problem.reasons ?? []);
  const retryAfter = problem.retryAfterSeconds ?? (status === 503 ? 5 : status === 429 ? 60 : null);
  if (retryAfter !== null) res.setHeader('Retry-After', String(retryAfter));
  res
    .status(status)
    .type('application/problem+json')
    .setHeader('Content-Language', problem.language)
    .send(
      JSON.stringify({
        type: `https://emanet.invalid/problems/${code.toLowerCase().replaceAll('_', '-')}`,
        title: titles[code][problem.language],
        status,
        code,
        ...(reasons.length > 0 ? { detail: reasons.map((reason) => reason[problem.language]).join(' ') } : {}),
        reasons,
        requestId: problem.requestId,
      }),
    );
}
