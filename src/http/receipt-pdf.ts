import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { writeReceiptReport } from '../papers/receipt.ts';
import { findPermissionRules } from '../pipeline/core/permission-rules.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import type { KeptReceipt } from '../pipeline/signing/make-receipt.ts';

/** The receipt for people. @throws Refusal `NOT_PRINTABLE`. */
export async function receiptPdf(outside: Outside, receipt: KeptReceipt, language: Language): Promise<Buffer> {
  const { timeZone } = await findPermissionRules(outside.database.read);
  const { locale } = textsIn(language).papers.receipt;
  const when = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone });
  const lesson = receipt.lesson && `${receipt.lesson.title}, ${when.format(receipt.lesson.plannedStart)}`;
  const report = writeReceiptReport({ ...receipt, fileSha256: receipt.sha256, lesson, timeZone }, language);
  return outside.papers.pdf(report);
}
