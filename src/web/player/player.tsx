import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { clock } from '../../domain/decision.ts';
import { buttonClass } from '../parts/button-class.ts';
import { playerText as text } from '../words/player-text.ts';
import { feed, type Outline } from './feed.ts';
import styles from './player.module.css';

/** What a page may do with its player. Times are milliseconds of what is played. */
export interface PlayerHandle {
  readonly video: HTMLVideoElement;
  play(): void;
  pause(): void;
  toggle(): void;
  seek(ms: number): void;
  step(ms: number): void;
  /** Half as fast, or twice as fast, within what may be chosen. */
  faster(by: 1 | -1): void;
}

interface PlayerProps {
  /** Named to a screen reader. */
  readonly name: string;
  /** The rendition whose playlist is played; or, with `isFile`, the address of a file. */
  readonly address: string;
  readonly isFile?: boolean;
  readonly onFault: () => void;
  readonly onTime?: (ms: number) => void;
  readonly onPlaying?: (isPlaying: boolean) => void;
  readonly onOutline?: (outline: Outline) => void;
  /** Where it begins, in milliseconds. */
  readonly from?: number;
  /** Over the picture. */
  readonly children?: ReactNode;
  readonly ref?: Ref<PlayerHandle>;
  /** Keys of the player work while the focus is in it; a page with keys of its own takes them all. */
  readonly hasOwnKeys?: boolean;
}

const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;
const jumpMs = 5_000;
const quiet = buttonClass({ small: true, tone: 'quiet' });

/** A video with controls of our own: each has a name, and each works by keyboard. */
export function Player(props: PlayerProps) {
  const { name, address, isFile = false, onFault, onTime, onPlaying, onOutline, from = 0, children, ref } = props;
  const video = useRef<HTMLVideoElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [isWaiting, setWaiting] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);
  const [speed, setSpeed] = useState(1);
  const [volume, setVolume] = useState(1);
  const [isMuted, setMuted] = useState(false);
  const [outline, setOutline] = useState<Outline | null>(null);
  const [showsCaptions, setShowsCaptions] = useState(false);
  const faults = useRef(onFault);
  faults.current = onFault;
  const outlines = useRef(onOutline);
  outlines.current = onOutline;

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    if (isFile) {
      element.src = address;
      return () => {
        element.pause();
        element.removeAttribute('src');
        element.load();
      };
    }
    let isOver = false;
    let stop = (): void => {};
    feed(element, address, () => faults.current()).then(
      (fed) => {
        if (isOver) return fed.stop();
        stop = fed.stop;
        setOutline(fed.outline);
        if (fed.outline !== null) outlines.current?.(fed.outline);
      },
      () => !isOver && faults.current(),
    );
    return () => {
      isOver = true;
      stop();
    };
  }, [address, isFile]);

  const handle: PlayerHandle = {
    get video() {
      if (video.current === null) throw new Error('the player is not drawn');
      return video.current;
    },
    play: () => void video.current?.play().catch(ignoreOvertaken),
    pause: () => video.current?.pause(),
    toggle: () => (video.current?.paused ? handle.play() : handle.pause()),
    seek(ms) {
      const element = video.current;
      if (element !== null) element.currentTime = Math.max(0, Math.min(ms, length || Number.POSITIVE_INFINITY)) / 1000;
    },
    step: (ms) => handle.seek((video.current?.currentTime ?? 0) * 1000 + ms),
    faster(by) {
      const index = speeds.indexOf(speed as (typeof speeds)[number]);
      choose(speeds[Math.max(0, Math.min(speeds.length - 1, (index < 0 ? 2 : index) + by))] ?? 1);
    },
  };
  useImperativeHandle(ref, () => handle);

  const choose = (next: number) => {
    setSpeed(next);
    if (video.current) video.current.playbackRate = next;
  };
  const captions = (isOn: boolean) => {
    setShowsCaptions(isOn);
    const tracks = [...(video.current?.textTracks ?? [])];
    for (const [index, track] of tracks.entries()) track.mode = isOn && index === 0 ? 'showing' : 'disabled';
  };
  const keys = (event: React.KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (props.hasOwnKeys || ['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName)) return;
    const acts: Record<string, () => void> = {
      k: handle.toggle,
      j: () => handle.step(-jumpMs),
      l: () => handle.step(jumpMs),
      ArrowLeft: () => handle.step(-jumpMs),
      ArrowRight: () => handle.step(jumpMs),
      m: () => mute(!isMuted),
      c: () => captions(!showsCaptions),
      f: full,
    };
    const act = acts[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const mute = (isNow: boolean) => {
    setMuted(isNow);
    if (video.current) video.current.muted = isNow;
  };
  const full = () => {
    if (document.fullscreenElement === null) void frame.current?.requestFullscreen();
    else void document.exitFullscreen();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys work wherever in the player the focus is
    <div className={styles.player} ref={frame} onKeyDown={keys}>
      <div className={styles.picture}>
        {/* biome-ignore lint/a11y/useMediaCaption: tracks are added when the rendition says which it has */}
        <video
          ref={video}
          aria-label={name}
          preload="metadata"
          playsInline
          onClick={() => handle.toggle()}
          onPlay={() => {
            setPlaying(true);
            onPlaying?.(true);
          }}
          onPause={() => {
            setPlaying(false);
            onPlaying?.(false);
          }}
          onWaiting={() => setWaiting(true)}
          onPlaying={() => setWaiting(false)}
          onCanPlay={() => setWaiting(false)}
          onTimeUpdate={({ currentTarget }) => {
            setAt(currentTarget.currentTime * 1000);
            onTime?.(currentTarget.currentTime * 1000);
          }}
          onDurationChange={({ currentTarget }) =>
            setLength(Number.isFinite(currentTarget.duration) ? currentTarget.duration * 1000 : 0)
          }
          onLoadedMetadata={({ currentTarget }) => {
            if (from > 0 && currentTarget.currentTime === 0) currentTarget.currentTime = from / 1000;
          }}
          // Once stopped it has no source, which is an error too.
          onError={({ currentTarget }) => currentTarget.currentSrc !== '' && onFault()}
        >
          {(outline?.subtitles ?? []).map(({ track, language, label }) => (
            <track
              key={track}
              kind="captions"
              src={`${address}/subtitles/${track}`}
              label={label}
              {...(language === null ? {} : { srcLang: language })}
            />
          ))}
        </video>
        {children}
        {isWaiting && (
          <span className={styles.waits} role="status">
            {text('mediaWaits')}
          </span>
        )}
      </div>
      <div className={styles.controls}>
        <button type="button" className={buttonClass({ small: true })} onClick={handle.toggle}>
          {isPlaying ? text('pause') : text('play')}
        </button>
        <input
          className={styles.seek}
          type="range"
          min={0}
          max={Math.max(length, 1)}
          step={1000}
          value={Math.min(at, length)}
          aria-label={text('seekTo')}
          aria-valuetext={`${clock(at)} / ${clock(length)}`}
          onChange={({ target }) => handle.seek(Number(target.value))}
        />
        <span className="numbers">
          {clock(Math.floor(at / 1000) * 1000)} / {clock(Math.floor(length / 1000) * 1000)}
        </span>
        <button type="button" className={quiet} onClick={() => mute(!isMuted)}>
          {isMuted ? text('unmuteIt') : text('muteIt')}
        </button>
        <input
          className={styles.volume}
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={volume}
          aria-label={text('volume')}
          onChange={({ target }) => {
            setVolume(Number(target.value));
            if (video.current) video.current.volume = Number(target.value);
          }}
        />
        <select
          className={styles.speed}
          aria-label={text('speed')}
          value={speed}
          onChange={({ target }) => choose(Number(target.value))}
        >
          {speeds.map((one) => (
            <option key={one} value={one}>
              {text('speedOf', { n: one })}
            </option>
          ))}
        </select>
        {(outline?.subtitles.length ?? 0) > 0 && (
          <button type="button" className={quiet} aria-pressed={showsCaptions} onClick={() => captions(!showsCaptions)}>
            {showsCaptions ? text('captionsOff') : text('captionsOn')}
          </button>
        )}
        <button type="button" className={quiet} onClick={full}>
          {text('fullScreen')}
        </button>
      </div>
      {(outline?.chaptersMs.length ?? 0) > 1 && (
        <ol className={styles.chapters} aria-label={text('chapters')}>
          {outline?.chaptersMs.map((startMs) => (
            <li key={startMs}>
              <button
                type="button"
                className={buttonClass({ small: true })}
                aria-label={text('chapterAt', { time: clock(startMs) })}
                onClick={() => handle.seek(startMs)}
              >
                {clock(startMs)}
              </button>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** Another jump came before this one played. */
function ignoreOvertaken(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'AbortError')) console.error(error);
}
