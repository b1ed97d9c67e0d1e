import './node-globals.ts';
import { ReceiptUnusable } from '../../audit/receipt.ts';
import { parseVerifierKey } from '../../audit/signed-note.ts';
import { ExportUnusable } from '../../audit/verify-export.ts';
import { messages, spokenFor } from '../../verifier/messages.ts';
import { report } from '../../verifier/report.ts';
import type { Source } from '../../verifier/source.ts';
import { verifySource } from '../../verifier/verify-source.ts';
import type { Judged, ToJudge } from './judged.ts';
import { unpacking } from './unpacking.ts';

/** The verifier itself, `emanet-verify`, over a file that somebody dropped onto the page. */
export async function judge({ file, name, key, language: asked }: ToJudge): Promise<Judged> {
  const language = spokenFor(asked);
  const source: Source = {
    size: file.size,
    read: async (start, end) => Buffer.from(await file.slice(start, end).arrayBuffer()),
  };
  const known = { keys: key === null ? [] : [parseVerifierKey(key)], checkpoints: [] };
  try {
    const found = await verifySource(source, known, unpacking);
    const { summary } = found;
    return {
      verdict: found.faults.length === 0 ? 'intact' : 'tampered',
      lines: report(found, language).split('\n'),
      state: summary && { origin: summary.origin, size: summary.size, root: summary.root },
    };
  } catch (error) {
    const t = messages[language];
    if (error instanceof ReceiptUnusable) return unusable(t.unusable(t.noReceipt(name)));
    if (error instanceof ExportUnusable) return unusable(t.unusable(t.noExport(name)));
    throw error;
  }
}

const unusable = (why: string): Judged => ({ verdict: 'unusable', lines: [why], state: null });
