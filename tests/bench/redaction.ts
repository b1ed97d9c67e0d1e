import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import type { Edit } from '../../src/domain/decision.ts';
import { decodeLog, fileSource, makeMedia } from '../support/media.ts';
import { atMost, type Bench, type BenchOptions, interleaved, type Row } from './measure.ts';
import { runProgram } from './programs.ts';
import { runBenches } from './run-benches.ts';

const tools = createFfmpegTools();
const quiet = ['-hide_banner', '-nostdin', '-v', 'error', '-y'];
const mp4 = ['-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4', 'pipe:1'];
const aac = ['-c:a', 'aac', '-b:a', '64k'];
const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23'];

/** Seconds that our rendition of a file takes, thrown away as it comes. */
async function ours(path: string, edits: readonly Edit[]): Promise<number> {
  await using source = await fileSource(path);
  const probe = await tools.probe(source);
  const began = performance.now();
  const { output, layout } = tools.render(source, probe, edits);
  let bytes = 0;
  for await (const chunk of output) bytes += chunk.length;
  const seconds = (performance.now() - began) / 1000;
  if (bytes < layout().initBytes) throw new Error('there is no rendition');
  return seconds;
}

/** Seconds that one plain ffmpeg run takes with the file under its hand. */
async function plain(path: string, ...options: string[]): Promise<number> {
  const began = performance.now();
  await runProgram('ffmpeg', [...quiet, '-threads', '2', '-i', path, ...options, ...mp4]);
  return (performance.now() - began) / 1000;
}

/** A screen share with speech-like sound, as VC tools write it: one key frame in ten seconds, mono AAC. */
async function makeLesson(path: string, seconds: number): Promise<void> {
  const round = `${path}.round.mp4`;
  const picture = `testsrc2=s=640x360:r=25:d=64,hue=H=t/20`;
  await makeMedia(
    ...['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', 'anoisesrc=d=64:c=pink:r=48000:a=0.2'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '250', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'aac', '-b:a', '64k', '-ac', '1', round],
  );
  await makeMedia(
    '-stream_loop',
    String(Math.ceil(seconds / 64) - 1),
    '-i',
    round,
    '-t',
    String(seconds),
    '-c',
    'copy',
    path,
  );
}

const at = (seconds: number, whole: number): number => Math.round(1000 * seconds * (whole / 3600));

async function speed(options: BenchOptions): Promise<Row[]> {
  const whole = options.isQuick ? 120 : 3_600;
  const path = join(options.folder, 'lesson.mp4');
  await makeLesson(path, whole);
  const range = (kind: Edit['kind'], from: number, lengthMs: number, region?: Edit['region']): Edit => {
    const startMs = at(from, whole);
    return { kind, startMs, endMs: startMs + lengthMs, ...(region ? { region } : {}) };
  };
  const between = ({ startMs, endMs }: Edit) => `between(t,${startMs / 1000},${endMs / 1000})`;
  const mutes = [range('mute', 300, 8_000), range('mute', 1500, 12_000), range('mute', 3000, 5_000)];
  const region = { x: 0.5, y: 0.5, width: 0.4, height: 0.4 };
  const cover = range('black_out', 1800, 10_000, region);
  const cut = range('cut', 1800, 20_000);
  const volume = `volume=volume=0:enable='${mutes.map(between).join('+')}'`;
  const box = `drawbox=x=iw*0.5:y=ih*0.5:w=iw*0.4:h=ih*0.4:color=black:t=fill:enable='${between(cover)}'`;
  const kept = `not(${between(cut)})`;
  const muting = await interleaved(options, {
    plain: () => plain(path, '-c:v', 'copy', '-af', volume, ...aac),
    ours: () => ours(path, mutes),
  });
  // One run of these: whole re-encodings take minutes, and the difference is not a matter of percents.
  const covering = await interleaved(
    { ...options, runs: 1 },
    {
      plain: () => plain(path, '-c:a', 'copy', '-vf', box, ...x264),
      ours: () => ours(path, [cover]),
    },
  );
  const cutting = await interleaved(
    { ...options, runs: 1 },
    {
      plain: () =>
        plain(
          path,
          '-vf',
          `select='${kept}',setpts=N/25/TB`,
          '-af',
          `aselect='${kept}',asetpts=N/SR/TB`,
          ...x264,
          ...aac,
        ),
      ours: () => ours(path, [cut]),
    },
  );
  const row = (name: string, found: { ours: number | null; plain: number | null }, mostRatio: number | null): Row => {
    const ratio = found.ours! / found.plain!;
    return {
      ...atMost(name, found.ours!, 's', undefined, { name: 'one plain ffmpeg, same edit', value: found.plain! }),
      bar: mostRatio === null ? '' : `<= ${mostRatio} x`,
      ok: mostRatio === null ? null : ratio <= mostRatio,
    };
  };
  return [
    row('3 mutes in an hour', muting, 1.3),
    row('a region of 10 s blacked out in an hour', covering, null),
    row('20 s cut from an hour', cutting, null),
  ];
}

/** Where flash and beep begin, in order. */
async function marks(path: string): Promise<{ flashes: number[]; beeps: number[] }> {
  const times = (log: string, pattern: RegExp) => [...log.matchAll(pattern)].map((match) => Number(match[1]));
  const pictures = await decodeLog(path, '-an', '-vf', 'lutyuv=y=255-val,blackdetect=d=0.05:pix_th=0.2:pic_th=0.9');
  const sounds = await decodeLog(path, '-vn', '-af', 'silencedetect=n=-20dB:d=0.5');
  return { flashes: times(pictures, /black_start:([\d.]+)/g), beeps: times(sounds, /silence_end: ([\d.]+)/g) };
}

/** How far sound and picture are apart at the last flash and beep, and how much that changed since the first ones. */
async function drift({ isQuick, folder, say }: BenchOptions): Promise<Row[]> {
  const whole = isQuick ? 120 : 7_200;
  const path = join(folder, 'flash.mp4');
  // Off the frames' and pieces' own rhythm, so that nothing fits by chance.
  const period = 30;
  const isOn = (shift: number) => `lt(mod(t+${shift},${period}),0.2)`;
  await makeMedia(
    ...['-f', 'lavfi', '-i', `color=gray:s=64x48:r=25:d=${whole},drawbox=color=white:t=fill:enable='${isOn(20)}'`],
    ...[
      '-f',
      'lavfi',
      '-i',
      `aevalsrc='if(${isOn(20)},0.8*sin(2*PI*1000*t),0.001*sin(2*PI*200*t))':d=${whole}:s=48000`,
    ],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-b_strategy', '0', '-g', '250', '-c:a', 'aac', path],
  );
  const cuts = Array.from({ length: isQuick ? 3 : 24 }, (_, index): Edit => {
    const startMs = Math.round((index + 0.5) * (isQuick ? 30_000 : 300_000)) + 417 * (index % 7);
    return { kind: 'cut', startMs, endMs: startMs + 3_003 + 31 * index };
  });
  const rows: Row[] = [];
  for (const [name, edits] of [
    ['nothing edited', []],
    [
      '3 mutes',
      [0.2, 0.5, 0.8].map(
        (part): Edit => ({ kind: 'mute', startMs: whole * part * 1000, endMs: whole * part * 1000 + 1 }),
      ),
    ],
    [`${cuts.length} cuts`, cuts],
  ] as const) {
    await using source = await fileSource(path);
    const target = join(folder, 'drift.mp4');
    const { output } = tools.render(source, await tools.probe(source), edits);
    await writeFile(target, output);
    const { flashes, beeps } = await marks(target);
    const apart = flashes.map((flash) => Math.min(...beeps.map((beep) => Math.abs(beep - flash))) * 1000);
    say(
      `  ${name}: ${flashes.length} flashes, first ${apart[0]!.toFixed(1)} ms, last ${apart.at(-1)!.toFixed(1)} ms apart`,
    );
    rows.push(atMost(`sound from picture at the end of ${whole / 60} min, ${name}`, apart.at(-1)!, 'ms', 20));
  }
  return rows;
}

/** Redaction, to be joined to other benchmarks of media. */
export const redactionRows: Readonly<Record<string, Bench>> = {
  r: { about: 'mutes, a black-out and a cut in a file of an hour, against plain ffmpeg', measure: speed },
  s: { about: 'sound and picture at the end of two hours', measure: drift },
};

if (import.meta.main)
  process.exitCode = await runBenches({
    command: 'bench:redaction',
    about: 'Measures redaction against plain ffmpeg in the same run',
    needs: 'Needs ffmpeg and 2 GiB in the temporary folder (TMPDIR).',
    rows: redactionRows,
  });
