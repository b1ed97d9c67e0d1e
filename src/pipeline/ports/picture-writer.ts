import type { GreyPicture } from '../../detection/picture-hash.ts';

/** Writes pictures that are kept. */
export interface PictureWriter {
  /** As PNG: nothing of the picture is lost, and every browser shows it. */
  png(picture: GreyPicture): Promise<Buffer>;
}
