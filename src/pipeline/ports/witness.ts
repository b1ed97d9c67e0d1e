import type { NoteVerifier } from '../../audit/signed-note.ts';

/** C2SP `tlog-witness`. */
export interface Witness {
  readonly key: NoteVerifier;
  /**
   * Has a checkpoint cosigned that continues the tree of `oldSize` entries, as `proof` shows. Returns signature lines,
   * attacker-controlled. @throws WitnessConflict when the witness last signed another size. @throws WitnessUnavailable.
   */
  cosign(oldSize: number, proof: readonly Buffer[], note: string): Promise<string>;
}

export class WitnessConflict extends Error {
  override readonly name = 'WitnessConflict';
  /** Entries of the checkpoint that the witness last signed. */
  readonly size: number;
  constructor(size: number) {
    super(`the witness last signed ${size} entries`);
    this.size = size;
  }
}

export class WitnessUnavailable extends Error {
  override readonly name = 'WitnessUnavailable';
}
