import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnswerOf, type Client, createClient } from '../client/api-client.ts';
import { ApiProblem } from '../client/errors.ts';
import { mustHave } from '../domain/must-have.ts';
import { fill, textsIn } from '../language/catalogue.ts';
import type { Narrator } from './narrator.ts';
import { accountOf, type DemoAccount, signInAs } from './school.ts';

const classList = join(import.meta.dirname, 'assets/class-list.csv');
const paper = join(import.meta.dirname, 'assets/permission-form.pdf');
const minute = 60_000;
const day = 24 * 60 * minute;
const at = (fromNow: number) => new Date(Date.now() + fromNow).toISOString();

/**
 * The main job, once, on a real recording and through the HTTP API: upload, gate, vault, check, review, approval,
 * release, playback, withdrawal, log. Every step reports its result; a step with another result than it must have is an
 * error.
 */
export async function tellStory(
  url: string,
  accounts: readonly DemoAccount[],
  recordingFile: string,
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
  await takeInClass(teacher, say);

  say.step(t.teacherOpensLesson);
  const lesson = await openLesson(teacher);
  say.line(`${lesson.title}: ${lesson.reason}`);

  say.step(t.uploadWithoutPermissionsTried);
  await expectRefusal(() => upload(teacher, lesson.id, recordingFile, say), 'PERMISSION_MISSING', say);

  say.step(t.writtenPermissionsRecorded);
  const guardianPermission = await permitEverything(teacher, lesson, say);
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
  await teacher.call('withdrawPermission', { params: { permissionId: guardianPermission }, body: { note: 'demo' } });
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
  const free = await openLesson(teacher, '7-B Bilişim');
  await permitEverything(teacher, free);
  say.line(fill(t.everyPermissionThereSign, { title: free.title }));
}

async function openLesson(teacher: Client, name = '7-A Bilişim') {
  const { items: channels } = await teacher.call('listChannels');
  const start = Date.now() - 60 * minute;
  const lesson = await teacher.call('createLesson', {
    body: {
      title: `${name}, ${new Date(start).toISOString().slice(0, 10)}`,
      reason: 'Derse katılamayan öğrenciler izleyebilsin / So that pupils who were ill can watch',
      plannedStart: new Date(start).toISOString(),
      plannedEnd: new Date(start + 40 * minute).toISOString(),
      supervisorName: 'Ayşe Öğretmen',
      channelId: mustHave(channels[0], 'channel in the demo school').id,
      sites: [
        { name: 'Örnek Ortaokulu', kind: 'school', contact: 'ofis@ornek.example' },
        { name: 'Partner School', kind: 'school', contact: 'office@partner.example' },
      ],
      participants: [
        { name: 'Ayşe Öğretmen', kind: 'teacher', isMinor: false },
        {
          name: 'Ada Örnek',
          kind: 'pupil',
          isMinor: true,
          guardians: [{ name: 'Gül Örnek', contact: 'gul@aile.example' }],
        },
        {
          name: 'Efe Deneme',
          kind: 'pupil',
          isMinor: true,
          guardians: [{ name: 'Can Deneme', contact: 'can@aile.example' }],
        },
      ],
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

/**
 * Everybody signs, one signed paper is sealed beside its permission, and the gate holds. Returns the first pupil's
 * permission.
 */
async function permitEverything(
  teacher: Client,
  lesson: Awaited<ReturnType<typeof openLesson>>,
  say?: Narrator,
): Promise<string> {
  const t = say && textsIn(say.language).demo;
  const params = { lessonId: lesson.id };
  const common = {
    status: 'granted' as const,
    purposes: ['record' as const, 'keep' as const, 'release' as const],
    releaseTo: ['class' as const],
    route: 'paper' as const,
    signedAt: at(-5 * day),
  };
  for (const site of lesson.sites) {
    await teacher.call('recordPermission', {
      params,
      body: { ...common, siteId: site.id, signerName: 'Okul müdürü / Head', signerCapacity: 'site_representative' },
    });
    if (say && t) say.line(fill(t.signedHead, { site: site.name }));
  }
  let first: string | null = null;
  for (const person of lesson.participants) {
    const guardian = person.guardians[0];
    const signer = guardian
      ? ({ signerName: guardian.name, signerCapacity: 'guardian', guardianId: guardian.id } as const)
      : ({ signerName: person.name, signerCapacity: 'self' } as const);
    const permission = await teacher.call('recordPermission', {
      params,
      body: { ...common, ...signer, participantId: person.id },
    });
    if (guardian) first ??= permission.id;
    if (say && t) say.line(fill(t.signed, { person: person.name, signerName: signer.signerName }));
  }
  const permissionId = mustHave(first, 'pupil with a guardian in the demo lesson');
  await teacher.upload('putDocument', { params: { permissionId }, file: { path: paper } });
  if (say && t) say.line(t.signedDocumentSealedInto);
  const gate = await teacher.call('getGate', { params });
  if (!gate.holds) throw new Error(`the gate should hold: ${JSON.stringify(gate.reasons)}`);
  return permissionId;
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
async function takeInClass(teacher: Client, say: Narrator): Promise<void> {
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
}

async function expectRefusal(attempt: () => Promise<unknown>, code: string, say: Narrator): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.code !== code) throw error;
    say.refusal(error.title);
    for (const reason of error.reasons) say.line(`– ${reason.text}`);
    return;
  }
  throw new Error(`should have been refused: ${code}`);
}

async function watch(viewer: Client, token: string): Promise<number> {
  const { linkId } = await viewer.call('openLink', { body: { token } });
  const { stream } = await viewer.download('watch', { params: { linkId } });
  let bytes = 0;
  for await (const piece of stream) bytes += (piece as Uint8Array).length;
  return bytes;
}
