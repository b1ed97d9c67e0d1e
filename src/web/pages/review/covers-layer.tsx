import type { Edit } from '../../../domain/decision.ts';
import { placeOf, usePictureBox } from './picture-box.ts';
import styles from './region-layer.module.css';

const wholePicture = { x: 0, y: 0, width: 1, height: 1 };

interface CoversLayerProps {
  readonly video: HTMLVideoElement | null;
  /** The edits that hold at the moment that is shown. */
  readonly edits: readonly Edit[];
}

/** Lies over the picture of a video and covers what the rendition will black out or blur. */
export function CoversLayer({ video, edits }: CoversLayerProps) {
  const box = usePictureBox(video);
  if (box === null) return null;
  return (
    <div className={styles.layer} style={box} data-covers>
      {edits
        .filter(({ kind }) => kind === 'black_out' || kind === 'blur')
        .map(({ kind, startMs, endMs, region = wholePicture }) => (
          <div
            key={`${kind} ${startMs} ${endMs} ${region.x} ${region.y}`}
            className={kind === 'blur' ? styles.blurred : styles.black}
            style={placeOf(region)}
            data-cover={kind}
          />
        ))}
    </div>
  );
}
