import { type LessonKind, lessonKinds } from '../domain/retention.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, listing, plain, table } from './format.ts';
import { pick } from './language.ts';
import { waitingText } from './waiting-text.ts';

const words = {
  retention: {
    en: 'how long recordings are kept, and what holds them',
    tr: 'kayıtların saklanma süresi ve yasal saklama',
  },
  policies: { en: 'retention policies', tr: 'saklama kuralları' },
  add: {
    en: 'add a policy: for a kind and a school year, or for any',
    tr: 'kural ekle: bir tür ve öğretim yılı için ya da hepsi için',
  },
  remove: { en: 'remove a policy', tr: 'bir kuralı kaldır' },
  changes: {
    en: 'what makes recordings go sooner and waits for its day or a second administrator',
    tr: 'kayıtları erken sildirecek ve gününü ya da ikinci bir yöneticiyi bekleyen değişiklikler',
  },
  confirm: { en: 'confirm what another administrator asked for', tr: 'başka bir yöneticinin istediğini onayla' },
  confirmed: { en: 'Confirmed: it is in effect.', tr: 'Onaylandı: yürürlükte.' },
  callBack: { en: 'call back what waits', tr: 'bekleyen bir değişikliği geri al' },
  calledBack: { en: 'Called back: nothing changed.', tr: 'Geri alındı: hiçbir şey değişmedi.' },
  noChanges: { en: 'Nothing waits.', tr: 'Bekleyen değişiklik yok.' },
  Takes: { en: 'Takes effect', tr: 'Yürürlük' },
  AskedBy: { en: 'Asked by', tr: 'İsteyen' },
  What: { en: 'What', tr: 'Ne' },
  preview: { en: 'what will be erased in the next days', tr: 'önümüzdeki günlerde silinecekler' },
  hold: { en: 'set a legal hold: nothing is erased', tr: 'yasal saklama koy: hiçbir şey silinmez' },
  holds: { en: 'legal holds in force', tr: 'süren yasal saklamalar' },
  lift: { en: 'lift a legal hold', tr: 'bir yasal saklamayı kaldır' },
  kind: { en: 'kind of lesson', tr: 'ders türü' },
  year: { en: 'year in which the school year begins', tr: 'öğretim yılının başladığı yıl' },
  days: { en: 'days after the lesson', tr: 'dersten sonraki gün sayısı' },
  until: { en: 'last day', tr: 'son gün' },
  ahead: { en: 'how many days ahead', tr: 'kaç gün sonrasına kadar' },
  recording: { en: 'the recording to hold', tr: 'saklanacak kayıt' },
  lesson: { en: 'the lesson whose recordings to hold', tr: 'kayıtları saklanacak ders' },
  why: { en: 'why', tr: 'neden' },
  holdUntil: { en: 'when the hold ends by itself', tr: 'kendiliğinden biteceği gün' },
  review: { en: 'when to look at it again', tr: 'yeniden bakılacağı gün' },
  either: { en: 'Name either --recording or --lesson.', tr: '--recording ya da --lesson verin, birini.' },
  any: { en: 'any', tr: 'hepsi' },
  noPolicies: {
    en: 'No policies: only permissions with an end date limit how long a recording is kept.',
    tr: 'Kural yok: kaydın süresini yalnız bitiş tarihli izinler sınırlar.',
  },
  noPreview: { en: 'Nothing will be erased in these days.', tr: 'Bu günlerde hiçbir şey silinmeyecek.' },
  noHolds: { en: 'No legal hold is in force.', tr: 'Süren bir yasal saklama yok.' },
  removed: { en: 'The policy is removed.', tr: 'Kural kaldırıldı.' },
  lifted: { en: 'The hold is lifted.', tr: 'Yasal saklama kaldırıldı.' },
  Kind: { en: 'Kind', tr: 'Tür' },
  Year: { en: 'School year', tr: 'Öğretim yılı' },
  Keep: { en: 'Kept', tr: 'Saklama' },
  keepDays: { en: 'days', tr: 'gün' },
  Erased: { en: 'Erased on', tr: 'Silinme' },
  Lesson: { en: 'Lesson', tr: 'Ders' },
  Date: { en: 'Of', tr: 'Tarihi' },
  Recording: { en: 'Recording', tr: 'Kayıt' },
  Why: { en: 'Why', tr: 'Neden' },
  Hold: { en: 'Hold', tr: 'Saklama' },
  Ends: { en: 'Ends', tr: 'Bitiş' },
  Review: { en: 'Review', tr: 'Gözden geçirme' },
};

export function retentionCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = pick(words, language);
  const parse = argumentsIn(language);
  const retention = cli.program.command('retention').description(t.retention);
  type Policy = {
    id: string;
    kind: string | null;
    schoolYear: number | null;
    keepDays: number | null;
    keepUntil: string | null;
  };
  const yearOf = (year: number | null) => (year === null ? t.any : `${year}–${year + 1}`);
  const keepOf = (one: Policy) => (one.keepDays === null ? formatTime(one.keepUntil) : `${one.keepDays} ${t.keepDays}`);

  retention
    .command('policies')
    .description(t.policies)
    .action(async () => {
      cli.show(await (await cli.client()).call('listPolicies'), ({ items }) =>
        items.length === 0
          ? t.noPolicies
          : table(
              ['ID', t.Kind, t.Year, t.Keep],
              items.map((one) => [one.id, one.kind ?? t.any, yearOf(one.schoolYear), keepOf(one)]),
            ),
      );
    });
  retention
    .command('add')
    .description(t.add)
    .option('--kind <kind>', `${t.kind} (${lessonKinds.join(', ')})`, parse.choice(lessonKinds))
    .option('--year <year>', t.year, parse.wholeNumber)
    .option('--days <n>', t.days, parse.wholeNumber)
    .option('--until <date>', t.until, parse.until)
    .action(async (options: { kind?: LessonKind; year?: number; days?: number; until?: string }) => {
      const body = present({
        kind: options.kind,
        schoolYear: options.year,
        keepDays: options.days,
        keepUntil: options.until,
      });
      cli.show(await (await cli.client()).call('addPolicy', { body }), ({ policy: one, waiting }) =>
        one === null
          ? waitingText(waiting!, language)
          : listing([
              ['ID', one.id],
              [t.Kind, one.kind ?? t.any],
              [t.Year, yearOf(one.schoolYear)],
              [t.Keep, keepOf(one)],
            ]),
      );
    });
  retention
    .command('remove <id>')
    .description(t.remove)
    .action(async (policyId: string) => {
      const { waiting } = await (await cli.client()).call('removePolicy', { params: { policyId } });
      cli.show({ removed: waiting === null, waiting }, () =>
        waiting === null ? t.removed : waitingText(waiting, language),
      );
    });
  retention
    .command('changes')
    .description(t.changes)
    .action(async () => {
      cli.show(await (await cli.client()).call('listRetentionChanges'), ({ items }) =>
        items.length === 0
          ? t.noChanges
          : table(
              ['ID', t.Takes, t.AskedBy, t.What],
              items.map((one) => [
                one.id,
                formatTime(one.effectiveAt),
                plain(one.requestedByName ?? ''),
                plain(one.sentence[language]),
              ]),
            ),
      );
    });
  retention
    .command('confirm <id>')
    .description(t.confirm)
    .action(async (changeId: string) => {
      await (await cli.client()).call('confirmRetentionChange', { params: { changeId } });
      cli.show({ confirmed: true }, () => t.confirmed);
    });
  retention
    .command('call-back <id>')
    .description(t.callBack)
    .action(async (changeId: string) => {
      await (await cli.client()).call('callBackRetentionChange', { params: { changeId } });
      cli.show({ calledBack: true }, () => t.calledBack);
    });
  retention
    .command('preview')
    .description(t.preview)
    .option('--days <n>', t.ahead, parse.wholeNumber, 7)
    .action(async (options: { days: number }) => {
      cli.show(await (await cli.client()).call('previewRetention', { query: { days: options.days } }), ({ items }) =>
        items.length === 0
          ? t.noPreview
          : table(
              [t.Erased, t.Lesson, t.Date, t.Recording, t.Why, t.Hold],
              items.map((one) => [
                formatTime(one.erasesAt),
                one.lessonTitle,
                formatTime(one.lessonAt),
                one.recordingId,
                one.reason[language],
                one.holds.map((hold) => hold[language]).join(' '),
              ]),
            ),
      );
    });
  holdCommands(cli, retention);
}

function holdCommands(cli: CommandLine, retention: CommandLine['program']): void {
  const { language } = cli;
  const t = pick(words, language);
  const parse = argumentsIn(language);
  retention
    .command('holds')
    .description(t.holds)
    .action(async () => {
      cli.show(await (await cli.client()).call('listHolds'), ({ items }) =>
        items.length === 0
          ? t.noHolds
          : table(
              ['ID', t.Lesson, t.Recording, t.Why, t.Ends, t.Review],
              items.map((one) => [
                one.id,
                one.lessonTitle,
                one.recordingId ?? t.any,
                one.reason,
                formatTime(one.endsAt),
                formatTime(one.reviewAt),
              ]),
            ),
      );
    });
  retention
    .command('hold')
    .description(t.hold)
    .option('--recording <id>', t.recording)
    .option('--lesson <id>', t.lesson)
    .requiredOption('--why <text>', t.why)
    .option('--until <date>', t.holdUntil, parse.until)
    .option('--review <date>', t.review, parse.when)
    .action(async (options: { recording?: string; lesson?: string; why: string; until?: string; review?: string }) => {
      const body = present({ reason: options.why, endsAt: options.until, reviewAt: options.review });
      const { recording: recordingId, lesson: lessonId } = options;
      if ((recordingId === undefined) === (lessonId === undefined)) throw new UsageError(t.either);
      const client = await cli.client();
      const hold = recordingId
        ? await client.call('holdRecording', { params: { recordingId }, body })
        : await client.call('holdLesson', { params: { lessonId: lessonId! }, body });
      cli.show(hold, (one) =>
        listing([
          ['ID', one.id],
          [t.Why, one.reason],
          [t.Ends, one.endsAt && formatTime(one.endsAt)],
          [t.Review, one.reviewAt && formatTime(one.reviewAt)],
        ]),
      );
    });
  retention
    .command('lift <id>')
    .description(t.lift)
    .requiredOption('--why <text>', t.why)
    .action(async (holdId: string, body: { why: string }) => {
      await (await cli.client()).call('liftHold', { params: { holdId }, body });
      cli.show({ lifted: true }, () => t.lifted);
    });
}
