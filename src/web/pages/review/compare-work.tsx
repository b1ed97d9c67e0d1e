import { useRef, useState } from 'react';
import { clock } from '../../../domain/decision.ts';
import { Button } from '../../parts/button.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Player, type PlayerHandle } from '../../player/player.tsx';
import { text } from '../../words/current.ts';
import { placeInWork } from './evidence.ts';
import type { Segment } from './lanes.ts';

/** Own copies of works that were opened on this page, by title: addresses of files that never leave the device. */
const copies = new Map<string, string>();

/**
 * Plays the place of a registered work that a segment matches, beside the recording. Of a work only its prints are kept, so the
 * reviewer opens a copy of their own; it is played by the browser and sent nowhere.
 */
export function CompareWork({ segment }: { readonly segment: Segment }) {
  const place = segment.findings.map(placeInWork).find((one) => one !== null) ?? null;
  const [address, setAddress] = useState(place === null ? undefined : copies.get(place.work));
  const [wasOpen] = useState(address !== undefined);
  const [isUnplayable, setUnplayable] = useState(false);
  const player = useRef<PlayerHandle>(null);
  if (place === null) return null;
  const { work, startMs, endMs } = place;
  const range = `${clock(startMs)}–${clock(endMs)}`;
  return (
    <details open={wasOpen}>
      <summary>{text('compareTitle')}</summary>
      <p>{text('compareLead', { work, range })}</p>
      {isUnplayable && <Notice tone="bad">{text('compareFailed')}</Notice>}
      {address !== undefined && (
        <>
          <Player
            key={`${address} ${startMs}`}
            ref={player}
            name={text('compareName', { work })}
            address={address}
            isFile
            from={startMs}
            onTime={(ms) => {
              if (ms >= endMs && ms < endMs + 1000) player.current?.pause();
            }}
            onFault={() => {
              copies.delete(work);
              setAddress(undefined);
              setUnplayable(true);
            }}
          />
          <Button
            small
            onPress={() => {
              player.current?.seek(startMs);
              player.current?.play();
            }}
          >
            {text('comparePlay', { range })}
          </Button>
        </>
      )}
      <FileButton
        label={text(address === undefined ? 'compareOpen' : 'compareOther')}
        accept="audio/*,video/*"
        onChosen={async ([file]) => {
          if (file === undefined) return;
          const opened = URL.createObjectURL(file);
          copies.set(work, opened);
          setUnplayable(false);
          setAddress(opened);
        }}
      />
    </details>
  );
}
