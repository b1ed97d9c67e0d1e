import type { AnswerOf } from '../client/api-client.ts';
import type { CommandLine } from './command-line.ts';
import { formatBytes, formatTime, listing, table } from './format.ts';
import { fill, pick } from './language.ts';

const words = {
  integrity: { en: 'whether everything stored is whole', tr: 'saklanan her şey sağlam mı' },
  show: { en: 'what is damaged or missing', tr: 'bozuk ya da eksik olanlar' },
  scrub: { en: 'begin to read and verify every stored object', tr: 'saklanan her nesneyi okuyup doğrulamaya başla' },
  begun: { en: 'The pass has begun; it runs in the background.', tr: 'Tarama başladı; arka planda sürer.' },
  objects: { en: 'Sealed objects', tr: 'Mühürlü nesneler' },
  never: { en: 'Never read since they were sealed', tr: 'Mühürlendiğinden beri okunmayanlar' },
  pass: { en: 'Last pass', tr: 'Son tarama' },
  compared: { en: 'Last comparison with the store', tr: 'Depoyla son karşılaştırma' },
  ended: { en: '{from} to {to}: {objects} objects, {bytes}', tr: '{from} – {to}: {objects} nesne, {bytes}' },
  runs: {
    en: 'since {from}: {objects} objects, {bytes}',
    tr: '{from} tarihinden beri sürüyor: {objects} nesne, {bytes}',
  },
  whole: { en: 'Nothing is known to be damaged or missing.', tr: 'Bozuk ya da eksik olduğu bilinen bir şey yok.' },
  bad: { en: '{count} damaged or missing:', tr: '{count} bozuk ya da eksik:' },
  Since: { en: 'Since', tr: 'Beri' },
  Code: { en: 'Code', tr: 'Kod' },
  What: { en: 'What', tr: 'Ne' },
  Recording: { en: 'Recording', tr: 'Kayıt' },
  Object: { en: 'Object', tr: 'Nesne' },
};

/** Exit status 1 when something is damaged, so that a monitor may ask. */
export function integrityCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = pick(words, language);
  const integrity = cli.program.command('integrity').description(t.integrity);
  const runText = (run: NonNullable<AnswerOf<'getIntegrity'>['scrub']>) =>
    fill(run.finishedAt ? t.ended : t.runs, {
      from: formatTime(run.startedAt),
      to: formatTime(run.finishedAt),
      objects: run.objects,
      bytes: formatBytes(run.bytes, language),
    });
  integrity
    .command('show', { isDefault: true })
    .description(t.show)
    .action(async () => {
      const found = await (await cli.client()).call('getIntegrity');
      cli.show(found, ({ faults, objects, neverRead, scrub, reconcile }) =>
        [
          listing([
            [t.objects, objects],
            [t.never, neverRead],
            [t.pass, scrub && runText(scrub)],
            [t.compared, reconcile && formatTime(reconcile.startedAt)],
          ]),
          '',
          ...(faults.length === 0
            ? [t.whole]
            : [
                fill(t.bad, { count: faults.length }),
                table(
                  [t.Since, t.Code, t.What, t.Recording, t.Object],
                  faults.map((one) => [formatTime(one.since), one.code, one.detail, one.recordingId, one.key]),
                ),
              ]),
        ].join('\n'),
      );
      if (found.faults.length > 0) cli.setExitCode(1);
    });
  integrity
    .command('scrub')
    .description(t.scrub)
    .action(async () => {
      await (await cli.client()).call('startScrub');
      cli.show({ begun: true }, () => t.begun);
    });
}
