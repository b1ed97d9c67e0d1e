export { labels } from '../../language/labels/en.ts';
export { pages } from '../../language/pages/en.ts';
