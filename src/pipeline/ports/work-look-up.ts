/** What a list outside of the school says of a print. */
export interface LookedUp {
  /** 0 to 1, how well the print fits, by whoever keeps the list. */
  readonly score: number;
  readonly title: string;
  readonly artists: readonly string[];
  /** MusicBrainz identifier of the recording. */
  readonly recordingId: string;
}

/** The print of a stretch of sound: Chromaprint, compressed, in base64url, as AcoustID takes it. */
export interface SoundPrint {
  readonly fingerprint: string;
  readonly durationMs: number;
}

/** Asks a list outside of the school whose music something is. It is sent a print, from which nobody can make sound again. */
export interface WorkLookUp {
  /** Host that is asked, for the log. */
  readonly host: string;
  /** Best first, five at most. @throws LookUpUnavailable. */
  find(print: SoundPrint, signal: AbortSignal): Promise<LookedUp[]>;
}

export class LookUpUnavailable extends Error {
  override readonly name = 'LookUpUnavailable';
}
