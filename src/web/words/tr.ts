export { labels, pages } from '../../language/first/tr.ts';
