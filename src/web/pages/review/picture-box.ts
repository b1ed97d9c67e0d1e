import { type CSSProperties, useEffect, useState } from 'react';
import type { Region } from '../../../domain/decision.ts';

/** Where the picture is inside the element of a video, in pixels. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The element may be wider or higher than the picture. */
function pictureBox({ clientWidth, clientHeight, videoWidth, videoHeight }: HTMLVideoElement): Box | null {
  if (videoWidth === 0 || videoHeight === 0) return null;
  const scale = Math.min(clientWidth / videoWidth, clientHeight / videoHeight);
  const [width, height] = [videoWidth * scale, videoHeight * scale];
  return { left: (clientWidth - width) / 2, top: (clientHeight - height) / 2, width, height };
}

/** Where the picture of a video is now; null: it has none yet. */
export function usePictureBox(video: HTMLVideoElement | null): Box | null {
  const [box, setBox] = useState<Box | null>(null);
  useEffect(() => {
    if (video === null) return;
    const lay = () => setBox(pictureBox(video));
    lay();
    const watcher = new ResizeObserver(lay);
    watcher.observe(video);
    video.addEventListener('loadedmetadata', lay);
    return () => {
      watcher.disconnect();
      video.removeEventListener('loadedmetadata', lay);
    };
  }, [video]);
  return box;
}

/** A region inside the box of a picture, as a style. */
export const placeOf = ({ x, y, width, height }: Region): CSSProperties => ({
  left: `${100 * x}%`,
  top: `${100 * y}%`,
  width: `${100 * width}%`,
  height: `${100 * height}%`,
});
