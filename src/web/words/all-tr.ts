export { labels } from '../../language/labels/tr.ts';
export { pages } from '../../language/pages/tr.ts';
