import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { clock } from '../../../domain/decision.ts';
import { buttonClass } from '../../parts/button-class.ts';
import { Notice } from '../../parts/notice.tsx';
import type { Outline } from '../../player/feed.ts';
import { Player, type PlayerHandle } from '../../player/player.tsx';
import { currentLanguage } from '../../words/current.ts';
import { speakToViewers, playerText as text } from '../../words/player-text.ts';
import { askLink, forgetPlace, keepPlace, keptPlace, openLink, stateOf } from './link-session.ts';
import styles from './watch-page.module.css';

/** How often the page asks whether the link still holds, in milliseconds. */
const askEveryMs = 4_000;
/** Nobody is taken back to less than this. */
const leastPlaceMs = 10_000;

type Said = 'missing' | 'notValid' | 'busy' | 'offline' | 'cannotPlay';
interface Opened {
  readonly linkId: string;
  readonly address: string;
  /** Changes when the player has to begin anew. */
  readonly turn: number;
}

const useToken = (): string =>
  useSyncExternalStore(
    (changed) => {
      addEventListener('hashchange', changed);
      return () => removeEventListener('hashchange', changed);
    },
    () => location.hash.slice(1),
  );

/** A viewer watches one released recording by a personal link, as long as the link holds. */
export function WatchPage() {
  const token = useToken();
  const [, setLanguage] = useState(currentLanguage());
  const other = currentLanguage() === 'tr' ? 'en' : 'tr';
  return (
    <>
      <header className={styles.top}>
        <span className={styles.brand}>
          <img src={new URL('../../icon.svg', import.meta.url).href} alt="" width={28} height={28} /> Emanet
        </span>
        <button
          type="button"
          lang={other}
          className={buttonClass({ small: true, tone: 'quiet' })}
          onClick={() => void speakToViewers(other).then(() => setLanguage(other))}
        >
          {text('otherLanguage')}
        </button>
      </header>
      <main className={styles.main}>
        <h1>{text('watchTitle')}</h1>
        <Link key={token} token={token} />
      </main>
    </>
  );
}

function Link({ token }: { readonly token: string }) {
  const isWhole = /^[\w-]{20,100}$/.test(token);
  const [said, setSaid] = useState<Said | null>(isWhole ? null : 'missing');
  const [opened, setOpened] = useState<Opened | null>(null);
  const [outline, setOutline] = useState<Outline | null>(null);
  const player = useRef<PlayerHandle>(null);
  const isBroken = useRef(false);
  const from = opened === null ? 0 : keptPlace(opened.linkId);

  useEffect(() => {
    document.title = `${text('watchTitle')} – Emanet`;
  });
  useEffect(() => {
    if (!isWhole) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const begin = () =>
      openLink(token).then(
        (found) => {
          if (isOver) return;
          setOpened({ ...found, turn: 0 });
          setSaid(null);
          timer = setTimeout(keepAsking, askEveryMs, found.address);
        },
        (error: unknown) => {
          if (isOver) return;
          const state = stateOf(error);
          setSaid(state);
          if (state !== 'notValid') timer = setTimeout(begin, askEveryMs);
        },
      );
    const keepAsking = async (address: string) => {
      const state = await askLink(token, address);
      if (isOver) return;
      if (state === 'notValid') {
        // Nothing more is shown: the picture goes away together with what was buffered.
        setOpened(null);
        return setSaid('notValid');
      }
      if (state !== 'valid') setSaid(state);
      else {
        setSaid((now) => (now === 'cannotPlay' ? now : null));
        if (isBroken.current) {
          isBroken.current = false;
          setOpened((now) => now && { ...now, turn: now.turn + 1 });
        }
      }
      timer = setTimeout(keepAsking, askEveryMs, address);
    };
    void begin();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [token, isWhole]);

  const hearWhy = async (address: string) => {
    const code = player.current?.video.error?.code;
    const state = await askLink(token, address);
    if (state === 'notValid') {
      setOpened(null);
      setSaid('notValid');
    } else if (state !== 'valid') setSaid(state);
    else if (code === MediaError.MEDIA_ERR_DECODE || code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED)
      setSaid('cannotPlay');
    // What was fed to the element broke off; it is taken up again when the server answers.
    isBroken.current = code !== MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
  };

  return (
    <>
      <div role="alert">{said !== null && <Notice tone="bad">{text(`watch_${said}`)}</Notice>}</div>
      {opened !== null && (
        <>
          <Player
            key={opened.turn}
            ref={player}
            name={text('watchTitle')}
            address={opened.address}
            from={from >= leastPlaceMs ? from : 0}
            onTime={(ms) => ms > 0 && keepPlace(opened.linkId, ms)}
            onOutline={setOutline}
            onFault={() => void hearWhy(opened.address)}
          />
          {from >= leastPlaceMs && (
            <p>
              {text('watchWentOn', { time: clock(from) })}{' '}
              <button
                type="button"
                className={buttonClass({ small: true })}
                onClick={() => {
                  forgetPlace(opened.linkId);
                  player.current?.seek(0);
                }}
              >
                {text('watchFromStart')}
              </button>
            </p>
          )}
          {outline !== null && outline.subtitles.length === 0 && <p className="quiet">{text('watchNoCaptions')}</p>}
          <p>
            <strong>{text('watchPersonal')}</strong>
          </p>
          <p className="quiet">{text('watchKeys')}</p>
        </>
      )}
    </>
  );
}
