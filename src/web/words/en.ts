export { labels, pages } from '../../language/first/en.ts';
