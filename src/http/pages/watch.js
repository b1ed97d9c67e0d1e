import { h } from './dom.js';
import { renditionPlayer } from './play.js';

/** How often the page asks whether the link still holds: what the browser has buffered must not outlive a withdrawal. */
const askEveryMs = 4_000;

const messages = {
  missing: [
    'Bağlantı eksik. Size gelen bağlantıyı baştan sona kopyalayıp yeniden açın.',
    'The link is incomplete. Copy the whole link that you were sent and open it again.',
  ],
  notValid: [
    'Bu bağlantı artık geçerli değil: süresi dolmuş, iptal edilmiş ya da bir izin geri çekilmiş olabilir. Kaydı size gönderen öğretmene sorun.',
    'This link is not valid any more: its time may be over, or it was revoked, or a permission was withdrawn. Ask the teacher who sent it to you.',
  ],
  offline: [
    'Bağlantı koptu. İnternete ulaşılınca sayfa kendiliğinden yeniden dener.',
    'The connection is lost. The page tries again by itself when it is back.',
  ],
  busy: [
    'Sunucu şu anda yanıt vermiyor; sayfa kendiliğinden yeniden dener.',
    'The server does not answer now; the page tries again by itself.',
  ],
  cannotPlay: [
    'Bu tarayıcı kaydı oynatamıyor. Başka bir tarayıcıyla deneyin.',
    'This browser cannot play the recording. Try another browser.',
  ],
};

const video = document.getElementById('video');
const message = document.getElementById('message');
const personal = document.getElementById('personal');
let token = '';
let source = '';
let shown = null;
let timer;
/** What was fed to the element broke off; it is taken up again when the server answers. */
let isBroken = false;

const player = renditionPlayer(video, {
  onFault: (error) => {
    console.warn('the player stopped', error);
    isBroken = true;
    hearWhy();
  },
  trackLabel: (number, language) => [`Altyazı · Subtitles ${number}`, language].filter(Boolean).join(' '),
});
video.after(player.chapters);

function say(name) {
  if (name === shown) return;
  shown = name;
  if (name === null) return message.replaceChildren();
  const [tr, en] = messages[name];
  message.replaceChildren(h('div', { class: 'notice bad' }, h('p', { lang: 'tr' }, tr), h('p', { lang: 'en' }, en)));
}

/** Nothing more is shown: the picture goes away together with what was buffered. */
function end(name) {
  clearTimeout(timer);
  source = '';
  player.stop();
  video.hidden = true;
  personal.hidden = true;
  say(name);
}

/** Gives the token for a cookie: no address holds it. The link's media is then at `source`. Throws the answer otherwise. */
async function openLink() {
  const answer = await fetch('/api/watch', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
    cache: 'no-store',
  });
  if (!answer.ok) throw answer;
  return `/media/${(await answer.json()).linkId}`;
}

/** `valid`, `notValid`, `busy` or `offline`. */
async function askServer() {
  try {
    const { status } = await fetch(source, { method: 'HEAD', cache: 'no-store' });
    if (status === 200) return 'valid';
    if (status >= 500) return 'busy';
    await openLink(); // the cookie may have come to its end before the link
    return 'valid';
  } catch (error) {
    return nameOf(error);
  }
}

function nameOf(error) {
  if (error instanceof Response) return error.status >= 400 && error.status < 500 ? 'notValid' : 'busy';
  console.warn('no answer', error);
  return 'offline';
}

async function keepAsking() {
  const asked = source;
  const answer = await askServer();
  if (asked !== source) return;
  if (answer === 'notValid') return end('notValid');
  if (answer === 'valid') {
    if (shown !== 'cannotPlay') say(null);
    if ((video.error || isBroken) && shown !== 'cannotPlay') resume();
  } else say(answer);
  timer = setTimeout(keepAsking, askEveryMs);
}

function resume() {
  isBroken = false;
  player.start(source, video.currentTime);
}

video.addEventListener('error', hearWhy);

async function hearWhy() {
  if (source === '') return;
  const asked = source;
  const { code } = video.error ?? {};
  const answer = await askServer();
  if (asked !== source) return;
  if (answer === 'notValid') end('notValid');
  else if (answer !== 'valid') say(answer);
  else if (code === MediaError.MEDIA_ERR_DECODE || code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED) say('cannotPlay');
}
video.addEventListener('contextmenu', (event) => event.preventDefault());

async function begin() {
  clearTimeout(timer);
  source = '';
  token = location.hash.slice(1);
  if (!/^[\w-]{20,100}$/.test(token)) return end('missing');
  const asked = token;
  try {
    const opened = await openLink();
    if (asked !== token) return;
    source = opened;
  } catch (error) {
    if (asked !== token) return;
    const name = nameOf(error);
    if (name === 'notValid') return end('notValid');
    say(name);
    timer = setTimeout(begin, askEveryMs);
    return;
  }
  say(null);
  personal.hidden = false;
  video.hidden = false;
  player.start(source);
  timer = setTimeout(keepAsking, askEveryMs);
}

addEventListener('hashchange', begin);
begin();
