import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnswerOf, type Client, createClient } from '../client/api-client.ts';
import { courseStates } from '../domain/course-state.ts';
import { mustHave } from '../domain/must-have.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { answerOnPaper, type PaperDesk } from './answer-on-paper.ts';
import { settleAttendance } from './attendance.ts';
import { expectRefusal } from './expect-refusal.ts';
import type { DemoMailbox } from './mailbox.ts';
import type { Narrator } from './narrator.ts';
import { accountOf, type DemoAccount, signInAs } from './school.ts';
import { sayNo, sayYes, takeBack } from './signers.ts';

const classList = join(import.meta.dirname, 'assets/class-list.csv');
const minute = 60_000;
const day = 24 * 60 * minute;
const at = (fromNow: number) => new Date(Date.now() + fromNow).toISOString();

/**
 * The main job, once, on a real recording and through the HTTP API: upload, gate, vault, check, attendance, review,
 * approval, release, playback, withdrawal, log. Every step reports its result; a step with another result than it must have is an
 * error.
 */
export async function tellStory(
  url: string,
  accounts: readonly DemoAccount[],
  recordingFile: string,
  { mailbox, desk }: { readonly mailbox: DemoMailbox; readonly desk: PaperDesk },
  say: Narrator,
): Promise<void> {
  const { demo: t, labels } = textsIn(say.language);
  const as = (role: DemoAccount['role']) => signInAs(url, accountOf(accounts, role), say.language);
  const [teacher, reviewer, administrator, auditor] = await Promise.all([
    as('teacher'),
    as('reviewer'),
    as('administrator'),
    as('auditor'),
  ]);

  say.step(t.classFromList);
  const classId = await takeInClass(teacher, say);

  say.step(t.teacherOpensCourse);
  const course = await openCourse(teacher, classId);
  say.line(`${course.title}: ${course.reason}`);
  const early = await openLesson(teacher, course.id);

  say.step(t.uploadWithoutPermissionsTried);
  await expectRefusal(() => upload(teacher, early.id, recordingFile, say), 'PERMISSION_MISSING', say);

  say.step(t.everybodyIsAsked);
  const asked = await teacher.call('askCourse', { params: { courseId: course.id } });
  for (const { signer, subject } of asked.unreachable) say.line(fill(t.noMailReaches, { signer, subject }));
  say.line(fill(t.mailsAreOnTheirWay, { mailed: asked.mailed }));
  const letters = new Map<string, string>();
  for (const { email } of signers) letters.set(email, (await mailbox.next(email)).text);
  for (const line of mustHave(letters.get(first.email), 'letter').split('\n').slice(0, 4)) say.line(`  ${line}`);

  say.step(t.signersAnswer);
  const letterTo = ({ email }: (typeof signers)[number]) => mustHave(letters.get(email), `letter to ${email}`);
  for (const signer of signers) {
    if (signer === refusing) {
      await sayNo(url, letterTo(signer), say.language);
      say.line(fill(t.saidNo, { name: signer.name }));
      await tellCounts(teacher, course.id, say);
    }
    await sayYes(url, letterTo(signer), signer, say.language);
    say.line(fill(t.saidYes, { name: signer.name }));
  }
  await tellCounts(teacher, course.id, say);

  say.step(t.oneAnswersOnPaper);
  await answerOnPaper({ teacher, administrator }, course.id, desk, say);
  await tellCounts(teacher, course.id, say);

  say.step(t.teacherOpensLesson);
  const lesson = await openLesson(teacher, course.id);
  const gate = await teacher.call('getGate', { params: { lessonId: lesson.id } });
  if (!gate.holds) throw new Error(`the gate should hold: ${JSON.stringify(gate.reasons)}`);
  say.line(t.gateHoldsEveryPermission);

  say.step(t.recordingUploadedEncryptedWhile);
  const recording = await upload(teacher, lesson.id, recordingFile, say);
  say.line(
    fill(t.sealedBytesSha256, {
      bytes: recording.bytes,
      mediaType: recording.mediaType ?? '',
      mediaSha256: recording.mediaSha256?.slice(0, 16) ?? '',
    }),
  );

  say.step(t.teacherDeclaresThirdParty);
  await teacher.call('declareSegment', {
    params: { recordingId: recording.id },
    body: {
      title: 'Radyodan bir şarkı / A song on the radio',
      rightsHolder: 'Örnek Plak',
      startMs: 1_000,
      endMs: 3_000,
    },
  });
  say.line(t.declaredSong);

  say.step(t.thirdPartyCheckThis);
  const checked = await waitFor(reviewer, recording.id, (r) => r.state === 'in_review', say);
  say.line(fill(t.segmentSWaitDecision, { segments: checked.segments.length }));

  await settleAttendance(
    { teacher, reviewer },
    { lessonId: lesson.id, recordingId: recording.id, folder: desk.folder },
    say,
  );

  say.step(t.reviewDoesNotEnd);
  await expectRefusal(
    () => reviewer.call('clearRecording', { params: { recordingId: recording.id } }),
    'SEGMENTS_OPEN',
    say,
  );
  for (const segment of checked.segments) {
    const declared = segment.source === 'declared';
    await reviewer.call('decideSegment', {
      params: { segmentId: segment.id },
      body: declared
        ? { kind: 'mute' }
        : { kind: 'permitted', ground: segment.source === 'not_analysed' ? 'checked' : 'licence' },
    });
    const kind = declared ? t.muted : labels.decision.permitted;
    say.line(`${segment.title ?? labels.source[segment.source as keyof typeof labels.source]}: ${kind}`);
  }
  await reviewer.call('clearRecording', { params: { recordingId: recording.id } });

  say.step(t.renditionMadeOriginalStays);
  await waitFor(administrator, recording.id, (r) => r.rendition?.state === 'ready', say);
  say.line(t.mutedWhereDecidedDevice);

  say.step(t.somebodyElseApproves);
  await expectRefusal(
    () => teacher.call('approveRecording', { params: { recordingId: recording.id } }),
    'NOT_ALLOWED',
    say,
  );
  await administrator.call('approveRecording', { params: { recordingId: recording.id } });
  say.line(t.administratorApproved);

  say.step(t.releasedClassWatchedThrough);
  const release = await administrator.call('releaseRecording', {
    params: { recordingId: recording.id },
    body: { audience: 'class', endsAt: at(30 * day) },
  });
  const link = await teacher.call('createLink', {
    params: { releaseId: release.id },
    body: { viewerName: 'Ada Örnek' },
  });
  const viewer = createClient({ baseUrl: url, language: say.language });
  const watched = await watch(viewer, link.token);
  say.line(fill(t.viewerWatchedBytes, { watched }));

  say.step(t.guardianWithdrawsWatchingStops);
  await takeBack(url, letterTo(first), say.language);
  await expectRefusal(() => watch(viewer, link.token), 'LINK_NOT_VALID', say);
  const now = await administrator.call('getRecording', { params: { recordingId: recording.id } });
  say.line(fill(t.recordingIs, { state: labels.recordingState[now.state] }));

  say.step(t.auditorSeesWhoDid);
  const log = await auditor.call('readAudit', { query: { recording: recording.id, limit: 100 } });
  const names = new Map(log.persons.map(({ pseudonym, name }) => [pseudonym, name]));
  for (const { seq, entry, sentence } of [...log.entries].reverse()) {
    const { at: when, actor } = entry as { at: string; actor: { kind: string; id?: string } };
    const who = names.get(actor.id ?? '') ?? (actor.kind === 'system' ? 'Emanet' : t.viewer);
    say.line(`${seq}  ${when.slice(11, 19)}  ${who}: ${sentence}`);
  }
  const check = await auditor.call('checkAudit');
  if (!check.intact) throw new Error(`the log should be intact: ${JSON.stringify(check.faults)}`);
  say.line(fill(t.logIntactTreeEntries, { entries: check.entries }));

  const seen = await auditor.call('readViewers', { params: { recordingId: recording.id } });
  for (const { actor, seconds } of seen.accesses) {
    const who = seen.persons.find(({ pseudonym }) => pseudonym === actor.id)?.name ?? actor.kind;
    const parts = seconds.map(([from, until]) => `${from}–${until}`).join(', ');
    say.line(fill(t.whoSawThisRecording, { who, parts }));
  }
  const { key } = (await (await fetch(`${url}/.well-known/emanet-log`)).json()) as { key: string };
  say.line(fill(t.keyLogGiveYour, { key }));

  say.step(t.lessonYouTry);
  // Taken back and given again: it counts for the lessons that begin after it.
  await sayYes(url, letterTo(first), first, say.language);
  const free = await openLesson(teacher, course.id);
  say.line(fill(t.everyPermissionThereSign, { title: free.title }));
}

/**
 * Who answers by a link: a guardian of each pupil of the list but the last, whose guardian has no address; the teacher; and
 * whoever represents the sites. All are invented.
 */
const signers = [
  ['Elif Çınar', 'elif.cinar@veli.demo.example', '0111'],
  ['Nur Işıklı', 'nur.isikli@veli.demo.example', '0212'],
  ['Selin Ünver', 'selin.unver@veli.demo.example', '0313'],
  ['Kaan Yıldırım', 'kaan.yildirim@veli.demo.example', '0414'],
  ['Pelin Özgün', 'pelin.ozgun@veli.demo.example', '0515'],
  ['Hale Güneş', 'hale.gunes@veli.demo.example', '0616'],
  ['İpek Şimşek', 'ipek.simsek@veli.demo.example', '0717'],
  ['Suna Tepe', 'suna.tepe@veli.demo.example', '0818'],
  ['Gökçe Akça', 'gokce.akca@veli.demo.example', '0919'],
  ['Ayşe Öğretmen', 'ayse@ornek.example', '2233'],
  ['Okul müdürü / Head', 'ofis@ornek.example', '4455'],
  ['Head of Partner School', 'office@partner.example', '6677'],
].map(([name = '', email = '', digits = '']) => ({ name, email, digits }));
const first = mustHave(signers[0], 'first signer');
const refusing = mustHave(signers[3], 'signer who says no first');

async function openCourse(teacher: Client, classId: string) {
  const { items: channels } = await teacher.call('listChannels');
  return teacher.call('createCourse', {
    body: {
      title: '7-A Bilişim',
      reason: 'Derse katılamayan öğrenciler izleyebilsin / So that pupils who were ill can watch',
      channelId: mustHave(channels[0], 'channel in the demo school').id,
      supervisorName: 'Ayşe Öğretmen',
      purposes: ['record', 'keep', 'release'],
      audiences: ['class'],
      from: at(-day).slice(0, 10),
      until: at(120 * day).slice(0, 10),
      classIds: [classId],
      sites: [
        { name: 'Örnek Ortaokulu', kind: 'school', contact: 'ofis@ornek.example, 0500 222 44 55' },
        { name: 'Partner School', kind: 'school', contact: 'office@partner.example, 0500 222 66 77' },
      ],
      people: [
        { name: 'Ayşe Öğretmen', kind: 'teacher', isMinor: false, contact: 'ayse@ornek.example, 0500 111 22 33' },
      ],
    },
  });
}

/** A lesson that begins now, announced. */
export async function openLesson(teacher: Client, courseId: string) {
  const start = Date.now();
  const lesson = await teacher.call('addLesson', {
    params: { courseId },
    body: {
      title: `7-A Bilişim, ${at(0).slice(0, 16).replace('T', ' ')}`,
      plannedStart: new Date(start).toISOString(),
      plannedEnd: new Date(start + 40 * minute).toISOString(),
    },
  });
  return teacher.call('announce', {
    params: { lessonId: lesson.id },
    body: {
      at: lesson.plannedStart,
      by: 'Ayşe Öğretmen',
      how: 'Sözlü olarak ve ilk slaytta / Spoken and on the first slide',
      second: 2,
    },
  });
}

/** Where everybody of the course stands, as counts. */
async function tellCounts(teacher: Client, courseId: string, say: Narrator): Promise<void> {
  const { counts } = await teacher.call('viewCourse', { params: { courseId } });
  const { courseState: state } = textsIn(say.language).labels;
  const shown = courseStates.flatMap((one) => (counts[one] ? [`${state[one]}: ${counts[one]}`] : []));
  say.line(`  ${shown.join(' · ')}`);
}

async function upload(teacher: Client, lessonId: string, file: string, say: Narrator) {
  const { size } = await stat(file);
  const progress = say.progress(size);
  try {
    return await teacher.upload(
      'uploadRecording',
      { params: { lessonId }, fields: { bytes: size }, file: { path: file } },
      { onProgress: (sent) => progress.at(sent) },
    );
  } finally {
    progress.end();
  }
}

type Recording = AnswerOf<'getRecording'>;

async function waitFor(
  client: Client,
  recordingId: string,
  holds: (recording: Recording) => boolean,
  say: Narrator,
): Promise<Recording> {
  let progress: ReturnType<Narrator['progress']> | undefined;
  try {
    for (const deadline = Date.now() + 60 * minute; Date.now() < deadline; ) {
      const recording = await client.call('getRecording', { params: { recordingId } });
      if (holds(recording)) return recording;
      if (recording.check.state === 'failed') throw new Error(`the check failed: ${recording.check.error}`);
      if (recording.rendition?.state === 'failed')
        throw new Error(`the rendition failed: ${recording.rendition.error}`);
      progress ??= say.progress(recording.durationMs ?? 1);
      progress.at((recording.rendition ?? recording.check).doneMs ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error('took longer than an hour');
  } finally {
    progress?.end();
  }
}

/** A list is shown first and changes nothing; confirmed, it is taken in as a whole. A second time there is nothing new. */
async function takeInClass(teacher: Client, say: Narrator): Promise<string> {
  const { demo: t } = textsIn(say.language);
  const send = (fields: { mapping?: string; confirm?: string }) =>
    teacher.upload('importRoster', { fields, file: { path: classList } });
  const asked = await send({});
  if (asked.outcome !== 'mapping') throw new Error('a plain table should ask what its columns mean');
  const mapping = JSON.stringify(asked.table.suggested);
  const shown = await send({ mapping });
  if (shown.outcome === 'mapping') throw new Error('the columns were said');
  const { added, guardianships, digest } = shown.review;
  say.line(fill(t.classWouldBring, { added: added.length, guardianships }));
  await send({ mapping, confirm: digest });
  const { items } = await teacher.call('listClasses');
  for (const { name, pupils } of items) say.line(fill(t.classIsThere, { name, pupils }));
  return mustHave(items[0], 'class of the demo').id;
}

async function watch(viewer: Client, token: string): Promise<number> {
  const { linkId } = await viewer.call('openLink', { body: { token } });
  const { stream } = await viewer.download('watch', { params: { linkId } });
  let bytes = 0;
  for await (const piece of stream) bytes += (piece as Uint8Array).length;
  return bytes;
}
