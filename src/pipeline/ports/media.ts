import type { StillPicture } from '../../detection/keypoints/work-keypoints.ts';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import type { Cue } from '../../domain/captions/cue.ts';
import type { Edit } from '../../domain/decision.ts';
import type { NotAnalysedCode } from '../../domain/not-analysed.ts';
import type { SoundPrint } from './work-look-up.ts';

/** Random access to the plaintext media of one sealed object. Owned by the caller, who closes it. */
export interface MediaSource {
  /** Size of the media in bytes. */
  readonly bytes: number;
  /** Decrypted bytes `[start, end)`; every chunk's tag is verified before a byte of it is released. */
  read(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export type OpenSource = MediaSource & { close(): void };

/** What a probe says of a file. Times in milliseconds, sizes in pixels. */
export interface MediaProbe {
  /** The one container name that was recognised, from the allow-list of `adapters/ffmpeg`. */
  readonly container: string;
  /** The media type that follows from the content, never from the name: `video/mp4`, `audio/ogg`, … */
  readonly mediaType: string;
  /** What the container declares; null when it declares nothing. */
  readonly declaredDurationMs: number | null;
  readonly streams: readonly MediaStream[];
  /** Tags of container and streams, in file order: `stream` is null for the container. */
  readonly tags: readonly { readonly stream: number | null; readonly name: string; readonly value: string }[];
  /** Oddities a person should know: attached files, trailing bytes, a name that does not fit the content. */
  readonly warnings: readonly MediaWarning[];
}

export const streamKinds = ['video', 'audio', 'subtitle', 'attachment', 'other'] as const;

export interface MediaStream {
  readonly index: number;
  readonly kind: (typeof streamKinds)[number];
  readonly codec: string | null;
  /** False when this ffmpeg has no decoder for it or the stream is protected: reported as not analysed. */
  readonly decodable: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly language?: string;
  /** A still picture (cover art), not moving video. */
  readonly stillPicture?: boolean;
}

export const mediaWarningCodes = [
  'ATTACHED_FILE',
  'TRAILING_DATA',
  'TYPE_DIFFERS_FROM_DECLARED',
  'NO_AUDIO',
  'NO_VIDEO',
  'PERSONAL_METADATA',
  'DURATION_UNKNOWN',
  'HIDDEN_STREAM',
] as const;

export interface MediaWarning {
  readonly code: (typeof mediaWarningCodes)[number];
  /** `what` stands for a closed set that a catalogue names; the rest are numbers and names. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** A stretch of one stream that could not be analysed. Never counted as clean. */
export interface NotAnalysed {
  readonly stream: number | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly why: NotAnalysedCode;
  /** A codec, or what the decoder said of it. Attacker-controlled. */
  readonly detail?: string;
}

/** What listens and looks while a file is decoded, in order of time. It may keep what it is given. */
export interface MediaWatcher {
  /** Mono samples of one sound stream, 8000 a second; gaps are filled, so that the place of a sample is its time. */
  sound?(stream: number): (samples: Int16Array) => void;
  /** Pictures of one video stream, 320 × 180 whatever their shape, at most `picturesPerSecond`. */
  picture?(stream: number): (picture: GreyPicture, atMs: number) => void;
  /** Pictures as they are, at most `pageWidth` wide and one in `secondsPerPage`. Decoding waits for the promise. */
  page?(stream: number): (picture: GreyPicture, atMs: number) => Promise<void>;
  /** In pixels. Default: 1280. */
  readonly pageWidth?: number;
  /** Default: 2. */
  readonly secondsPerPage?: number;
  /** Default: 4. */
  readonly picturesPerSecond?: number;
}

/** Everything the third-party check needs to know of a file, from one full decoding of it. */
export interface MediaFeatures {
  /** The longest stream as decoded. */
  readonly analysedDurationMs: number;
  /** Chromaprint sub-fingerprints of each audio stream that could be decoded. */
  readonly fingerprints: readonly {
    readonly stream: number;
    readonly fingerprint: Uint32Array;
    readonly silent: boolean;
  }[];
  /** Lines of text subtitles, with their times. */
  readonly subtitles: readonly {
    readonly stream: number;
    readonly startMs: number;
    readonly endMs: number;
    readonly text: string;
  }[];
  readonly notAnalysed: readonly NotAnalysed[];
}

/** Where things are in the bytes of a rendition, for playlists: no content, no text. */
export interface RenditionLayout {
  readonly durationMs: number;
  /** Bytes from the start that say how to decode the rest (`ftyp`, `moov`). */
  readonly initBytes: number;
  /** Stretches that follow each other without gaps and can each be decoded alone: begin and length in bytes, length in time. */
  readonly segments: readonly (readonly [at: number, bytes: number, durationMs: number])[];
  /** Where chapters begin; their titles are left out. */
  readonly chaptersMs: readonly number[];
  /** WebVTT files inside the rendition, by place. */
  readonly subtitles: readonly { readonly at: number; readonly bytes: number; readonly language: string | null }[];
}

/** The loudest moment of each step, 0 to 100: at most 4000 of them, whatever the length. */
export interface Waveform {
  /** Of what could be decoded. */
  readonly durationMs: number;
  readonly stepMs: number;
  readonly peaks: number[];
}

/** Tiles in rows, from the left and from above; tile n shows what is there at `n * stepMs`. Beyond `count` there is nothing. */
export interface Thumbnails {
  readonly stepMs: number;
  readonly count: number;
  readonly columns: number;
  readonly rows: number;
  /** Of one tile, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly jpeg: Buffer;
}

/** Captions of one language that a rendition gets. */
export interface RenditionCaptions {
  /** ISO 639; `und`: not known. */
  readonly language: string;
  /** In the time of the recording. */
  readonly cues: readonly Cue[];
  /** Whether a viewer reads who speaks. */
  readonly showsSpeakers: boolean;
}

/**
 * What the media tools do for the pipeline. Untrusted input: every call fixes the demuxer to an allow-list, the protocol to
 * one loopback address, and limits time, memory, pixels and output.
 */
export interface MediaTools {
  /** Recognises a file. @throws Refusal `NOT_MEDIA` (nothing recognised) or `MEDIA_NOT_ALLOWED` (recognised and not allowed). */
  probe(
    source: MediaSource,
    options?: { declaredType?: string; fileName?: string; signal?: AbortSignal },
  ): Promise<MediaProbe>;
  /** Decodes the whole file once. */
  analyse(
    source: MediaSource,
    probe: MediaProbe,
    options?: { signal?: AbortSignal; onProgress?: (doneMs: number) => void; watcher?: MediaWatcher },
  ): Promise<MediaFeatures>;
  /** A still picture (JPEG, PNG, WebP, GIF, BMP, TIFF), at most 512 on a side. @throws Refusal `NOT_MEDIA`. */
  still(source: MediaSource, options?: { signal?: AbortSignal }): Promise<StillPicture>;
  /** One picture of a moment, a JPEG at most 640 wide. @throws Refusal `NOT_FOUND` where there is no picture. */
  glimpse(source: MediaSource, probe: MediaProbe, atMs: number, options?: { signal?: AbortSignal }): Promise<Buffer>;
  /**
   * A range of sound, a PNG of 640 × 160: pitches against time, at most two minutes. @throws Refusal `NOT_FOUND` where there
   * is no sound.
   */
  spectrogram(
    source: MediaSource,
    probe: MediaProbe,
    range: { readonly startMs: number; readonly endMs: number; readonly stream?: number | undefined },
    options?: { signal?: AbortSignal },
  ): Promise<Buffer>;
  /**
   * Chromaprint of a range of sound, at most two minutes, compressed, in base64url. @throws Refusal `NOT_FOUND` where there
   * is no sound, or too little.
   */
  soundPrint(
    source: MediaSource,
    probe: MediaProbe,
    range: { readonly startMs: number; readonly endMs: number; readonly stream?: number | undefined },
    options?: { signal?: AbortSignal },
  ): Promise<SoundPrint>;
  /**
   * How loud the whole of it is: the loudest of its sound streams at each moment. Of a damaged file, what could be decoded.
   * @throws Refusal `NOT_FOUND` where there is no sound.
   */
  waveform(source: MediaSource, probe: MediaProbe, options?: { signal?: AbortSignal }): Promise<Waveform>;
  /**
   * Key pictures of the whole of it in one JPEG: of each moment the one before it. @throws Refusal `NOT_FOUND` where there is
   * no picture.
   */
  thumbnails(
    source: MediaSource,
    probe: MediaProbe,
    durationMs: number,
    options?: { signal?: AbortSignal },
  ): Promise<Thumbnails>;
  /**
   * A playable copy (fragmented MP4, H.264/AAC; audio only: AAC) without metadata, attachments and titles of chapters, with
   * the times of chapters and of `captions` that the edits leave: no subtitles of the file itself. The stream fails when
   * ffmpeg does. Policy P5, P11.
   * `layout` is known when the output has ended, and throws before.
   */
  render(
    source: MediaSource,
    probe: MediaProbe,
    edits: readonly Edit[],
    options?: { signal?: AbortSignal; onProgress?: (doneMs: number) => void; captions?: readonly RenditionCaptions[] },
  ): { readonly mediaType: string; readonly output: AsyncIterable<Uint8Array>; layout(): RenditionLayout };
}
