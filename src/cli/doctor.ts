import { join, resolve } from 'node:path';
import { examine, findSchoolOf } from '../assembly/examine.ts';
import type { Examined, Found } from '../assembly/examined.ts';
import { startDatabase } from '../assembly/first-start.ts';
import { loadConfig } from '../config/env.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { type CommandLine, exitCodes, UsageError } from './command-line.ts';
import { formatBytes } from './format.ts';

/**
 * For the operator, on the server's own machine and with the server's settings. Exit status 0: nothing has to be done; 1:
 * something has.
 */
export function doctorCommand(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.doctor;
  const sentences: Readonly<Record<string, string>> = t.found;
  const signs = { good: '✓', look: '·', bad: '✗' } as const;
  const toLine = ({ about, verdict, code, params }: Found) => {
    const shown = 'bytes' in params ? { ...params, bytes: formatBytes(Number(params.bytes), language) } : params;
    return `${signs[verdict]} ${t.about[about satisfies Examined]}: ${fill(sentences[code] ?? code, shown)}`;
  };
  cli.program
    .command('doctor')
    .description(t.doctor)
    .option('--school <school>', t.school)
    .action(async ({ school: named }: { school?: string }) => {
      const home = resolve(terminal.env.EMANET_HOME || join(import.meta.dirname, '../../.emanet'));
      const database = await startDatabase(loadConfig({ ...terminal.env, EMANET_HOME: home }));
      try {
        const school = named === undefined ? undefined : await findSchoolOf(database.config, named);
        if (named !== undefined && school === undefined) throw new UsageError(fill(t.noSchool, { school: named }));
        const items: Found[] = [];
        for await (const one of examine(database.config, { school })) items.push(one);
        const bad = items.filter(({ verdict }) => verdict === 'bad').length;
        if (bad > 0) cli.setExitCode(exitCodes.refused);
        cli.show({ items, bad }, () => [...items.map(toLine), bad > 0 ? fill(t.bad, { bad }) : t.well].join('\n'));
      } finally {
        if (!database.isJoined) await database.stop();
      }
    });
}
