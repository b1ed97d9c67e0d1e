import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { end, exitCodes, ready, type Told } from './cells-protocol.ts';
import { openWorkbook, WorkbookRefused } from './workbook.ts';

/** The process that reads: a workbook comes in on standard input, lines of JSON go out on standard output. */

async function tell(line: Told | string): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await once(process.stdout, 'drain');
}

async function readAll(): Promise<number> {
  await tell(ready);
  for (const { name, rows } of openWorkbook(await buffer(process.stdin))) {
    await tell({ sheet: name, line: 0, cells: [], formulas: [] });
    for (const row of rows) await tell({ sheet: null, ...row });
  }
  await tell(end);
  return 0;
}

process.exitCode = await readAll().catch((error: unknown) => {
  if (error instanceof WorkbookRefused) return exitCodes[error.why];
  throw error;
});
