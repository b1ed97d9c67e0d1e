import { useState } from 'react';
import { pathOf } from '../../api/ask.ts';
import { text } from '../../words/current.ts';
import { rangeOf } from './decisions-card.tsx';
import styles from './evidence-pictures.module.css';
import type { Segment } from './lanes.ts';

/** What is seen and heard at a glance. Asked for when it is opened: each is a look at the recording, and on the log. */
export function Evidence({ segment }: { readonly segment: Segment }) {
  const [isOpen, setOpen] = useState(false);
  const range = rangeOf(segment);
  const params = { segmentId: segment.id };
  return (
    <details onToggle={({ currentTarget }) => currentTarget.open && setOpen(true)}>
      <summary>{text('showEvidence')}</summary>
      {isOpen && (
        <div className={styles.pictures}>
          <Picture
            src={pathOf('getSegmentPicture', { params })}
            alt={text('shownPicture', { range })}
            none={text('pictureNone')}
          />
          <Picture
            src={pathOf('getSegmentSpectrogram', { params })}
            alt={text('shownSound', { range })}
            none={text('spectrogramNone')}
          />
        </div>
      )}
    </details>
  );
}

interface PictureProps {
  readonly src: string;
  readonly alt: string;
  readonly none: string;
}

function Picture({ src, alt, none }: PictureProps) {
  const [isMissing, setMissing] = useState(false);
  return (
    <figure>
      {isMissing ? <p className="quiet">{none}</p> : <img src={src} alt={alt} onError={() => setMissing(true)} />}
      <figcaption className="quiet">{alt}</figcaption>
    </figure>
  );
}
