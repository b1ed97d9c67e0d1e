import { accountView } from './account.js';
import { ask, Problem, problemBox, whenConfirmationNeeded, whenSignedOut } from './api.js';
import { confirmInDialog } from './confirm.js';
import { coursesView, courseView } from './courses.js';
import { h, speak } from './dom.js';
import { lessonsView, lessonView } from './lessons.js';
import { anomaliesView, logView } from './log.js';
import { paperView } from './paper.js';
import { paperSheetView } from './paper-sheet.js';
import { peopleView, personView } from './people.js';
import { recordingsView, recordingView } from './recordings.js';
import { retentionView } from './retention.js';
import { schoolView } from './school.js';
import { forgottenView, invitationView, newPasswordView, secondFactorView, signInView } from './sign-in.js';
import { staffView } from './staff.js';
import { language, setLanguage, t } from './texts.js';
import { worksView } from './works.js';

const main = document.getElementById('main');
let session = null;
let greeting = null;
let hasChosenLanguage = false;
let leaving = new AbortController();

const lessonRoles = ['teacher', 'reviewer', 'administrator'];
const has = (...roles) => roles.some((role) => session.person.roles.includes(role));

function pagesOf() {
  return [
    has(...lessonRoles) && ['lessons', has('reviewer', 'administrator') ? t('lessons') : t('myLessons')],
    has(...lessonRoles) && ['courses', t('courses')],
    has(...lessonRoles) && ['recordings', t('recordings')],
    has('reviewer', 'administrator') && ['works', t('works')],
    has('teacher', 'administrator') && ['people', t('people')],
    has('teacher', 'administrator') && ['paper', t('paper')],
    has('administrator') && ['school', t('school')],
    has('administrator') && ['retention', t('retention')],
    has('administrator') && ['staff', t('staff')],
    has('auditor') && ['log', t('log')],
    has('administrator', 'auditor') && ['anomalies', t('anomalies')],
    ['account', t('account')],
  ].filter(Boolean);
}

function homeOf() {
  if (has('teacher')) return 'lessons';
  return has('reviewer', 'administrator') ? 'recordings' : 'log';
}

/** Draws the page that the address names; whatever the page before was doing stops. */
function draw() {
  leaving.abort();
  leaving = new AbortController();
  document.documentElement.lang = language();
  document.getElementById('skip').textContent = t('skip');
  const [page, id] = location.hash.replace(/^#\/?/, '').split('/');
  drawTop(page);
  main.replaceChildren(viewOf(page, id));
  document.title = `${main.querySelector('h1')?.textContent ?? ''} – Emanet`;
}

function viewOf(page, id) {
  const invitation = /^#invitation=([\w-]{20,200})$/.exec(location.hash)?.[1];
  if (invitation) return invitationView(invitation, accepted);
  const reset = /^#new-password=([\w-]{20,200})$/.exec(location.hash)?.[1];
  if (reset) return newPasswordView(reset, passwordChosen);
  if (session === null) return page === 'forgotten' ? forgottenView() : signInView(signedIn, greeting);
  if (session.secondFactorMissing) return secondFactorView(signedIn);
  const context = { signal: leaving.signal, person: session.person };
  const name = page || homeOf();
  if (!pagesOf().some(([known]) => known === name)) return h('p', { class: 'card empty' }, t('notFound'));
  if (name === 'account') return accountView(signedIn);
  if (name === 'staff') return staffView(session.person);
  if (name === 'log') return logView(context);
  if (name === 'anomalies') return anomaliesView(context);
  if (name === 'works') return worksView(session.person);
  if (name === 'people') return id ? personView(session.person, id) : peopleView();
  if (name === 'courses') return id ? courseView(context, id) : coursesView(context);
  if (name === 'paper') return id ? paperSheetView(context, id) : paperView(context);
  if (name === 'school') return schoolView();
  if (name === 'retention') return retentionView();
  if (name === 'recordings') return id ? recordingView(context, id) : recordingsView(context);
  return id ? lessonView(context, id) : lessonsView(context);
}

function drawTop(page) {
  const isIn = session !== null && !session.secondFactorMissing;
  const pages = isIn ? pagesOf() : [];
  const here = page || (isIn ? homeOf() : '');
  document.getElementById('top').replaceChildren(
    h('p', { class: 'brand' }, h('img', { src: '/pages/icon.svg', alt: '', width: 28, height: 28 }), ' Emanet'),
    h(
      'nav',
      { 'aria-label': t('pages') },
      pages.map(([name, label]) => h('a', { href: `#/${name}`, 'aria-current': name === here ? 'page' : null }, label)),
    ),
    h(
      'div',
      { class: 'row end' },
      session &&
        h(
          'span',
          { class: 'quiet who' },
          session.person.name,
          ' (',
          session.person.roles.map((role) => t(role)).join(', '),
          ')',
        ),
      h(
        'button',
        { type: 'button', id: 'language', lang: language() === 'tr' ? 'en' : 'tr', on: { click: switchLanguage } },
        t('otherLanguage'),
      ),
      session && h('button', { type: 'button', on: { click: signOut } }, t('signOut')),
    ),
  );
}

function switchLanguage() {
  hasChosenLanguage = true;
  setLanguage(language() === 'tr' ? 'en' : 'tr');
  draw();
  document.getElementById('language').focus();
  if (session) ask('PUT', '/api/session/language', { language: language() }).catch(showAbove);
}

function signedIn(next) {
  session = next;
  greeting = null;
  if (!hasChosenLanguage) setLanguage(session.person.language);
  else if (session.person.language !== language())
    ask('PUT', '/api/session/language', { language: language() }).catch(showAbove);
  draw();
  main.focus();
}

function accepted(person) {
  greeting = t('welcome', { name: person.name });
  session = null;
  history.replaceState(null, '', '/'); // the token is used up and has no business in the history
  draw();
}

function passwordChosen() {
  greeting = t('passwordChosen');
  session = null;
  history.replaceState(null, '', '/');
  draw();
}

async function signOut() {
  try {
    await ask('DELETE', '/api/session');
    session = null;
    history.replaceState(null, '', '/');
    draw();
  } catch (error) {
    showAbove(error);
  }
}

function showAbove(error) {
  const box = problemBox();
  main.prepend(box.host);
  box.show(error);
}

whenConfirmationNeeded(confirmInDialog);
whenSignedOut(() => {
  if (session === null) return;
  session = null;
  greeting = t('signedOutMeanwhile');
  speak(greeting);
  draw();
});

// The address after # names the page here, so the link cannot jump by itself.
document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

addEventListener('hashchange', () => {
  draw();
  main.focus();
  scrollTo(0, 0);
});

async function begin() {
  document.documentElement.lang = language();
  try {
    const found = await ask('GET', '/api/session');
    session = found;
    setLanguage(session.person.language);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) {
      draw();
      showAbove(error);
      return;
    }
  }
  draw();
}

begin();
